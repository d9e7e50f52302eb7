// Package sidecartest gives tests a sidecar: the one that they run beside, one of
// their own that they may stop and kill, or a server that plays one.
package sidecartest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"
)

// Patience is how long a condition may take to hold.
const Patience = 20 * time.Second

// Until waits for the condition.
func Until(t testing.TB, what string, condition func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	deadline := time.NewTimer(Patience)
	defer deadline.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("not within %v: %s", Patience, what)
		}
	}
}

// Shared is the target of the sidecar that the tests run beside.
func Shared(t testing.TB) string {
	t.Helper()
	target := os.Getenv("OUTRIGGER_TARGET")
	if target == "" {
		t.Fatal("OUTRIGGER_TARGET is not set: run the tests beside tests/conformance/with_sidecar.py")
	}
	return target
}

// Own is a sidecar of one test's.
type Own struct {
	Target  string
	t       testing.TB
	folder  string
	process *exec.Cmd
}

// Start starts one with the configuration, in YAML without `listen`.
func Start(t testing.TB, config string) *Own {
	t.Helper()
	folder, err := os.MkdirTemp("", "outrigger-go-") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	own := &Own{Target: filepath.Join(folder, "o.sock"), t: t, folder: folder}
	t.Cleanup(func() {
		own.Kill()
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	config = fmt.Sprintf("listen: {unix: %s, tcp: off, admin: off}\n%s", own.Target, config)
	if err := os.WriteFile(own.config(), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	own.Again()
	return own
}

func (o *Own) config() string { return filepath.Join(o.folder, "config.yaml") }

// Again starts it after Kill.
func (o *Own) Again() {
	o.t.Helper()
	program := os.Getenv("OUTRIGGER_PROGRAM")
	if program == "" {
		o.t.Fatal("OUTRIGGER_PROGRAM is not set: run the tests beside tests/conformance/with_sidecar.py")
	}
	o.process = exec.Command(program, "serve", "--config", o.config())
	// It takes each OUTRIGGER_… for an option; what tests are told is none.
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "OUTRIGGER_") {
			o.process.Env = append(o.process.Env, variable)
		}
	}
	if err := o.process.Start(); err != nil {
		o.t.Fatal(err)
	}
	Until(o.t, "the sidecar listens", func() bool {
		connection, err := net.Dial("unix", o.Target)
		if err == nil {
			_ = connection.Close()
		}
		return err == nil
	})
}

// Stop has it hang, until Continue. When it returns it does.
func (o *Own) Stop() {
	o.t.Helper()
	o.signal(syscall.SIGSTOP)
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(o.process.Process.Pid, &status, syscall.WUNTRACED, nil); err != nil || !status.Stopped() {
		o.t.Fatal("the sidecar did not stop: ", err)
	}
}

// Continue ends that.
func (o *Own) Continue() { o.signal(syscall.SIGCONT) }

// Kill ends it at once. It may have ended already.
func (o *Own) Kill() {
	if o.process == nil {
		return
	}
	_ = o.process.Process.Kill()
	_ = o.process.Wait() // it was killed, which it says
	o.process = nil
}

func (o *Own) signal(which syscall.Signal) {
	o.t.Helper()
	if err := o.process.Process.Signal(which); err != nil {
		o.t.Fatal(err)
	}
}

// Play serves what `register` registers, and gives its target.
func Play(t testing.TB, register func(*grpc.Server), options ...grpc.ServerOption) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "outrigger-go-")
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(folder, "o.sock")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(options...)
	register(server)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	return socket
}
