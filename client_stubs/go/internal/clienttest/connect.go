// Package clienttest gives tests a client.
package clienttest

import (
	"testing"

	outrigger "github.com/outrigger/outrigger/client_stubs/go"
	"github.com/outrigger/outrigger/client_stubs/go/internal/sidecartest"
)

// Connect gives a client that is closed with the test. Deadlines are long: what is
// slow on a busy machine shall not look like a sidecar that is gone.
func Connect(t testing.TB, target string, options ...outrigger.Option) *outrigger.Client {
	t.Helper()
	usual := []outrigger.Option{outrigger.WithTarget(target), outrigger.WithTimeout(sidecartest.Patience)}
	client, err := outrigger.Connect(append(usual, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	return client
}
