package main

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// tokenGate lets only holders of its tokens pass. A client is sent to /token, where name and
// password buy a token: the exchange of the distribution specification's token authentication.
type tokenGate struct {
	user, password string
	next           http.Handler
	lock           sync.Mutex
	tokens         map[string]bool
}

func newTokenGate(user, password string, next http.Handler) *tokenGate {
	return &tokenGate{user: user, password: password, next: next, tokens: map[string]bool{}}
}

func (gate *tokenGate) issue(writer http.ResponseWriter, request *http.Request) {
	user, password, given := request.BasicAuth()
	if !given || user != gate.user || password != gate.password {
		http.Error(writer, `{"errors":[{"code":"UNAUTHORIZED","message":"wrong name or password"}]}`, http.StatusUnauthorized)
		return
	}
	random := make([]byte, 24)
	if _, err := rand.Read(random); err != nil {
		http.Error(writer, err.Error(), http.StatusInternalServerError)
		return
	}
	token := hex.EncodeToString(random)
	gate.lock.Lock()
	gate.tokens[token] = true
	gate.lock.Unlock()
	writer.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(writer).Encode(map[string]any{"token": token, "access_token": token, "expires_in": 300})
}

func (gate *tokenGate) knows(header string) bool {
	token, isBearer := strings.CutPrefix(header, "Bearer ")
	gate.lock.Lock()
	defer gate.lock.Unlock()
	return isBearer && gate.tokens[token]
}

func (gate *tokenGate) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	if request.URL.Path == "/token" {
		gate.issue(writer, request)
		return
	}
	if !gate.knows(request.Header.Get("Authorization")) {
		challenge := fmt.Sprintf(`Bearer realm="http://%s/token",service="slipway-lab"`, request.Host)
		writer.Header().Set("WWW-Authenticate", challenge)
		writer.Header().Set("Content-Type", "application/json")
		http.Error(writer, `{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}`, http.StatusUnauthorized)
		return
	}
	gate.next.ServeHTTP(writer, request)
}
