.PHONY: build test

build:
	go build -trimpath -o bin/elasticctl ./cmd/elasticctl

test:
	go test ./...
