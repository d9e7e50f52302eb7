// Command agent lets the conformance suite drive the library: it reads one request
// a line and answers each when it is done. See tests/conformance/README.md.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"log"
	"os"
	"sync"

	outrigger "github.com/outrigger/outrigger/client_stubs/go"
)

// maxLine is the longest request.
const maxLine = 64 << 20

type request struct {
	ID   json.Number     `json:"id"`
	Op   string          `json:"op"`
	Args json.RawMessage `json:"args"`
}

type answer struct {
	ID    json.Number `json:"id"`
	OK    any         `json:"ok,omitempty"`
	Error *failure    `json:"error,omitempty"`
}

type failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func main() {
	log.SetFlags(0)
	log.SetOutput(os.Stderr)
	if err := serve(); err != nil {
		log.Fatal("agent: ", err)
	}
}

func serve() error {
	a, err := newAgent()
	if err != nil {
		return err
	}
	out := &writer{encoder: json.NewEncoder(os.Stdout)}
	out.write(map[string]bool{"ready": true})
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<16), maxLine)
	var running sync.WaitGroup
	for lines.Scan() {
		var asked request
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			return err
		}
		running.Add(1)
		go func() {
			defer running.Done()
			ok, err := a.do(context.Background(), asked)
			out.write(answerOf(asked.ID, ok, err))
		}()
	}
	if err := lines.Err(); err != nil {
		return err
	}
	err = a.current().Close()
	running.Wait()
	return err
}

// writer writes one line at a time. Thread-safe.
type writer struct {
	mutex   sync.Mutex
	encoder *json.Encoder
}

func (w *writer) write(value any) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if err := w.encoder.Encode(value); err != nil {
		log.Fatal("agent: ", err)
	}
}

func answerOf(id json.Number, ok any, err error) answer {
	if err == nil {
		return answer{ID: id, OK: ok}
	}
	said := &failure{Code: "UNEXPECTED", Message: err.Error()}
	var mistake *outrigger.Error
	switch {
	case errors.Is(err, outrigger.ErrClosed):
		said.Code = "CLOSED"
	case errors.Is(err, errLoader):
		said.Code = "LOADER"
	case errors.As(err, &mistake):
		said.Code = codeNames[mistake.Code]
	}
	return answer{ID: id, Error: said}
}
