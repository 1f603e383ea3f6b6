# Versions of the tools, all in one place. They are installed into bin/, which git ignores, once a version.
GOLANGCI_LINT := v2.15.0
GORELEASER := v2.16.0
KUBE_SCORE := v1.20.0

FUZZTIME ?= 10s
SCENARIOS ?= 300
SEED ?= 1

.PHONY: build test lint bench bench-lint fuzz mutate conformance conformance-full e2e release-check update recording

build: ## the program, into bin/
	CGO_ENABLED=0 go build -trimpath -o bin/elasticctl ./cmd/elasticctl

test: ## every test that needs nothing but Go and git
	go test ./...

lint: bin/golangci-lint-$(GOLANGCI_LINT) ## golangci-lint with staticcheck and gofumpt
	$< run ./...

bench: ## every benchmark, with allocations
	go test -run '^$$' -bench . -benchmem ./...

bench-lint: build bin/kube-score-$(KUBE_SCORE) ## elasticctl lint: 1,000 to 50,000 objects, hostile files, one file, and beside kube-score
	go test -run '^$$' -bench . -benchtime 1x -timeout 30m ./internal/lint -elasticctl $(CURDIR)/bin/elasticctl -kube-score $(CURDIR)/bin/kube-score-$(KUBE_SCORE)

fuzz: ## every fuzz target for FUZZTIME
	tools/fuzz.sh $(FUZZTIME)

mutate: ## every small change of the HPA step: a test must notice it, or a file must say why none can
	go run ./tools/mutate -explained tools/mutate/equivalent.txt -with ./pkg/sim ./pkg/sim/hpa

conformance: ## scenarios, hand-made and random, through the real HPA controller and through elasticctl, sync by sync
	cd conformance && go test -count=1 ./oracle ./random && go test -count=1 -timeout 60m -scenarios=$(SCENARIOS) -seed=$(SEED)

conformance-full: ## 2,000 random scenarios, through the newest controller and each of the older ones
	$(MAKE) conformance SCENARIOS=2000
	cd conformance/v1_33 && go test -count=1 -timeout 60m -scenarios=2000 -seed=$(SEED)
	cd conformance/v1_27 && go test -count=1 -timeout 60m -tags kubernetes_1_27 -scenarios=2000 -seed=$(SEED)

e2e: build bin/etcd bin/kube-apiserver bin/kubectl ## generated manifests against a real API server
	go test -tags e2e -count=1 -timeout 20m ./e2e

release-check: bin/goreleaser-$(GORELEASER) ## the release configuration and a snapshot of every archive
	$< check && $< release --snapshot --clean --skip=publish

recording: ## the recording of examples/checkout, anew: 40 minutes, as root on Linux
	go run ./examples/checkout/recording --out testdata/recordings/checkout

update: ## rewrite the goldens
	go test $$(git grep -l 'flag.Bool("update"' -- '*_test.go' ':!conformance' | xargs -n 1 dirname | sort -u | sed 's|^|./|') -update
	cd conformance && go test -count=1 -run TestHandMadeScenarios . -update

bin/golangci-lint-$(GOLANGCI_LINT):
	GOBIN=$(CURDIR)/bin go install -trimpath github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT) && mv bin/golangci-lint $@

bin/goreleaser-$(GORELEASER):
	GOBIN=$(CURDIR)/bin go install -trimpath github.com/goreleaser/goreleaser/v2@$(GORELEASER) && mv bin/goreleaser $@

bin/kube-score-$(KUBE_SCORE):
	GOBIN=$(CURDIR)/bin go install -trimpath github.com/zegl/kube-score/cmd/kube-score@$(KUBE_SCORE) && mv bin/kube-score $@

bin/etcd: tools/etcd/go.mod
	CGO_ENABLED=0 go -C tools/etcd build -trimpath -o $(CURDIR)/$@ go.etcd.io/etcd/server/v3

bin/kube-apiserver bin/kubectl: bin/%: tools/kube/go.mod
	CGO_ENABLED=0 go -C tools/kube build -trimpath -o $(CURDIR)/$@ k8s.io/kubernetes/cmd/$*
