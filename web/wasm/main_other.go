//go:build !js

// Program wasm is pkg/sim for the browser; elsewhere it only says so. See
// main_js.go. A page's is built as
//
//	GOOS=js GOARCH=wasm go build -trimpath -ldflags='-s -w' ./web/wasm
package main

func main() { panic("this program is for a browser: build it with GOOS=js GOARCH=wasm") }
