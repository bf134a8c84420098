module slipway.test/lab/programs

go 1.26.0

require (
	github.com/google/go-containerregistry v0.22.1
	golang.org/x/net v0.62.0
)
