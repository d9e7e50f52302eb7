// Command bench measures the library beside the bare generated client. See
// tests/conformance/README.md.
package main

import (
	"encoding/json"
	"log"
	"os"

	outrigger "github.com/outrigger/outrigger/client_stubs/go"
)

func main() {
	log.SetFlags(0)
	if err := run(); err != nil {
		log.Fatal("bench: ", err)
	}
}

func run() error {
	bareRPC, done, err := bareClient()
	if err != nil {
		return err
	}
	defer done()
	client, err := outrigger.Connect()
	if err != nil {
		return err
	}
	defer client.Close()
	stub, bare := askStub(client), askBare(bareRPC)
	print := json.NewEncoder(os.Stdout)
	for _, measure := range []func() (map[string]any, error){
		func() (map[string]any, error) { return allowOne(stub, bare) },
		func() (map[string]any, error) { return allowMany(stub, bare) },
		func() (map[string]any, error) { return breakerClosed(client) },
		func() (map[string]any, error) { return hang(client) },
	} {
		result, err := measure()
		if err != nil {
			return err
		}
		if err := print.Encode(result); err != nil {
			return err
		}
	}
	return nil
}
