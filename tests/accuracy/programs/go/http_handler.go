//: type: null
//: message: "runtime error: invalid memory address or nil pointer dereference"
//: frames: ... show ...
package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
)

type User struct{ Email string }

var users = map[string]*User{}

func show(w http.ResponseWriter, r *http.Request) {
	user := users[r.URL.Query().Get("id")]
	fmt.Fprintln(w, "to", user.Email) //@ show main.show
}

func main() {
	server := httptest.NewServer(http.HandlerFunc(show))
	defer server.Close()
	_, err := http.Get(server.URL + "/?id=7")
	fmt.Println("client:", err != nil)
}
