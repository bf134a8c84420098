// Command certificates makes the lab cluster's certificate authority and the certificates of its
// parts. Usage: certificates FOLDER NODE ADDRESS... where the addresses are those of the API server.
package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

const lifetime = 10 * 365 * 24 * time.Hour

type authority struct {
	folder      string
	certificate *x509.Certificate
	key         crypto.Signer
}

// subject is who a certificate speaks for: Kubernetes reads the common name as user and the
// organization as group.
type subject struct {
	file   string
	user   string
	group  string
	server bool
}

func writePEM(path, kind string, bytes []byte, mode os.FileMode) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes}), mode)
}

func writeKey(path string, key crypto.Signer) error {
	bytes, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return writePEM(path, "PRIVATE KEY", bytes, 0o600)
}

func template(name pkix.Name) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      name,
		// A clock that is a little behind must not refuse what was made just now.
		NotBefore: time.Now().Add(-time.Hour),
		NotAfter:  time.Now().Add(lifetime),
		KeyUsage:  x509.KeyUsageDigitalSignature,
	}, nil
}

func newAuthority(folder string) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	certificate, err := template(pkix.Name{CommonName: "slipway-lab"})
	if err != nil {
		return nil, err
	}
	certificate.IsCA = true
	certificate.BasicConstraintsValid = true
	certificate.KeyUsage |= x509.KeyUsageCertSign
	der, err := x509.CreateCertificate(rand.Reader, certificate, certificate, key.Public(), key)
	if err != nil {
		return nil, err
	}
	return &authority{folder, certificate, key}, writePEM(filepath.Join(folder, "ca.crt"), "CERTIFICATE", der, 0o644)
}

func (issuer *authority) issue(who subject, addresses []net.IP, names []string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	name := pkix.Name{CommonName: who.user}
	if who.group != "" {
		name.Organization = []string{who.group}
	}
	certificate, err := template(name)
	if err != nil {
		return err
	}
	certificate.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	if who.server {
		certificate.ExtKeyUsage = append(certificate.ExtKeyUsage, x509.ExtKeyUsageServerAuth)
		certificate.IPAddresses = addresses
		certificate.DNSNames = names
	}
	der, err := x509.CreateCertificate(rand.Reader, certificate, issuer.certificate, key.Public(), issuer.key)
	if err != nil {
		return err
	}
	if err := writeKey(filepath.Join(issuer.folder, who.file+".key"), key); err != nil {
		return err
	}
	return writePEM(filepath.Join(issuer.folder, who.file+".crt"), "CERTIFICATE", der, 0o644)
}

// newServiceAccountKey is RSA because the API server signs its tokens with RS256 by custom, and
// readers of those tokens expect that.
func newServiceAccountKey(folder string) error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return err
	}
	if err := writePEM(filepath.Join(folder, "service-account.pub"), "PUBLIC KEY", public, 0o644); err != nil {
		return err
	}
	return writeKey(filepath.Join(folder, "service-account.key"), key)
}

func makeAll(folder, node string, addresses []net.IP) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	issuer, err := newAuthority(folder)
	if err != nil {
		return err
	}
	names := []string{"localhost", node, "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"}
	for _, who := range []subject{
		{file: "apiserver", user: "kube-apiserver", server: true},
		{file: "apiserver-kubelet", user: "kube-apiserver-kubelet-client", group: "system:masters"},
		{file: "admin", user: "slipway", group: "system:masters"},
		{file: "controllers", user: "system:kube-controller-manager"},
		{file: "scheduler", user: "system:kube-scheduler"},
		{file: "kubelet", user: "system:node:" + node, group: "system:nodes", server: true},
	} {
		if err := issuer.issue(who, addresses, names); err != nil {
			return fmt.Errorf("certificate of %s: %w", who.file, err)
		}
	}
	return newServiceAccountKey(folder)
}

func main() {
	if len(os.Args) < 4 {
		fmt.Fprintln(os.Stderr, "usage: certificates FOLDER NODE ADDRESS...")
		os.Exit(2)
	}
	var addresses []net.IP
	for _, text := range os.Args[3:] {
		address := net.ParseIP(text)
		if address == nil {
			fmt.Fprintf(os.Stderr, "certificates: %q is not an IP address\n", text)
			os.Exit(2)
		}
		addresses = append(addresses, address)
	}
	if err := makeAll(os.Args[1], os.Args[2], addresses); err != nil {
		fmt.Fprintln(os.Stderr, "certificates:", err)
		os.Exit(1)
	}
}
