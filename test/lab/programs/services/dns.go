package main

import (
	"encoding/binary"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

const domain = ".svc.cluster.local."

// zone holds the addresses of every service by its full name: the ClusterIP, or those of the ready
// pods of a headless one.
type zone struct{ addresses map[string][]string }

func zoneOf(services []service, endpoints []endpointSlice) *zone {
	names := map[string][]string{}
	for _, service := range services {
		name := service.Metadata.Name + "." + service.Metadata.Namespace + domain
		names[name] = nil
		if !service.isHeadless() {
			names[name] = []string{service.Spec.ClusterIP}
			continue
		}
		for _, slice := range endpoints {
			if slice.belongsTo(service) {
				names[name] = append(names[name], slice.readyAddresses()...)
			}
		}
	}
	return &zone{names}
}

// answer replies to one query. Names outside the cluster do not exist here: pods of a lab have no
// business elsewhere, and an answer that says so at once is better than one that times out.
func (zone *zone) answer(query []byte) ([]byte, error) {
	var message dnsmessage.Message
	if err := message.Unpack(query); err != nil {
		return nil, err
	}
	reply := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: message.ID, Response: true, Authoritative: true, RecursionDesired: message.RecursionDesired},
		Questions: message.Questions,
	}
	if len(message.Questions) != 1 {
		reply.RCode = dnsmessage.RCodeFormatError
		return reply.Pack()
	}
	question := message.Questions[0]
	addresses, known := zone.addresses[strings.ToLower(question.Name.String())]
	if !known {
		reply.RCode = dnsmessage.RCodeNameError
	}
	if question.Type == dnsmessage.TypeA {
		for _, address := range addresses {
			four := net.ParseIP(address).To4()
			if four == nil {
				continue
			}
			reply.Answers = append(reply.Answers, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: question.Name, Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET, TTL: 1},
				Body:   &dnsmessage.AResource{A: [4]byte(four)},
			})
		}
	}
	return reply.Pack()
}

func serveDNS(address string, names *atomic.Pointer[zone]) error {
	packets, err := net.ListenPacket("udp", address)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	go func() {
		for buffer := make([]byte, 4096); ; {
			length, from, err := packets.ReadFrom(buffer)
			if err != nil {
				return
			}
			if reply, err := names.Load().answer(buffer[:length]); err == nil {
				_, _ = packets.WriteTo(reply, from)
			}
		}
	}()
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go serveStream(connection, names)
		}
	}()
	return nil
}

// serveStream answers queries over TCP, where each has its length before it (RFC 1035, 4.2.2).
func serveStream(connection net.Conn, names *atomic.Pointer[zone]) {
	defer connection.Close()
	for {
		_ = connection.SetDeadline(time.Now().Add(5 * time.Second))
		var length uint16
		if binary.Read(connection, binary.BigEndian, &length) != nil {
			return
		}
		query := make([]byte, length)
		if _, err := io.ReadFull(connection, query); err != nil {
			return
		}
		reply, err := names.Load().answer(query)
		if err != nil {
			return
		}
		_, _ = connection.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(reply))), reply...))
	}
}
