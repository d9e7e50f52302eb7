package sidecar

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestATargetIsUnderstoodInAllItsForms(t *testing.T) {
	for given, want := range map[string]string{
		"unix:///run/o.sock": "unix:/run/o.sock",
		"unix:/run/o.sock":   "unix:/run/o.sock",
		"unix:o.sock":        "unix:o.sock",
		"/run/o.sock":        "unix:/run/o.sock",
		"./o.sock":           "unix:./o.sock",
		"127.0.0.1:7420":     "passthrough:///127.0.0.1:7420",
		"[::1]:7420":         "passthrough:///[::1]:7420",
		"localhost:7420":     "dns:///localhost:7420",
	} {
		if got, err := Target(given); err != nil || got != want {
			t.Errorf("Target(%q) = %q, %v; not %q", given, got, err, want)
		}
	}
	for _, given := range []string{"localhost", "localhost:", "unix:", "unix://", "unix://run/o.sock"} {
		if got, err := Target(given); err == nil {
			t.Errorf("Target(%q) = %q; it should be an error", given, got)
		}
	}
}

func TestTheEnvironmentComesBeforeTheUsualSockets(t *testing.T) {
	t.Setenv("OUTRIGGER_TARGET", "127.0.0.1:1")
	if got, err := Target(""); err != nil || got != "passthrough:///127.0.0.1:1" {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := Target("127.0.0.1:2"); err != nil || got != "passthrough:///127.0.0.1:2" {
		t.Errorf("the given one comes first: %q, %v", got, err)
	}
}

func TestOfTheUsualSocketsTheFirstThatExistsIsTaken(t *testing.T) {
	run, user, tmp := t.TempDir(), t.TempDir(), t.TempDir()
	expect := func(when, want string) {
		t.Helper()
		if got := usualTarget(run, "", user, tmp); got != want {
			t.Errorf("%s: %q, not %q", when, got, want)
		}
	}
	listen := func(folder string) string {
		t.Helper()
		socket := filepath.Join(folder, socketName)
		if err := errors.Join(os.MkdirAll(filepath.Dir(socket), 0o700), os.WriteFile(socket, nil, 0o600)); err != nil {
			t.Fatal(err)
		}
		return "unix:" + socket
	}
	expect("nothing is there", "passthrough:///127.0.0.1:7420")
	expected := filepath.Join(run, socketName)
	if err := os.MkdirAll(filepath.Dir(expected), 0o700); err != nil {
		t.Fatal(err)
	}
	expect("its folder is", "unix:"+expected)
	expect("one for all", listen(tmp))
	expect("one of the user's", listen(user))
	expect("the machine's", listen(run))
}

func TestClientsOfOneTargetShareAChannel(t *testing.T) {
	first, err := Open("unix:/nowhere")
	if err != nil {
		t.Fatal(err)
	}
	second, err := Open("unix:/nowhere")
	if err != nil {
		t.Fatal(err)
	}
	if first != second {
		t.Error("they have two")
	}
	if err := first.Release(); err != nil {
		t.Error(err)
	}
	if state := second.GetState().String(); state == "SHUTDOWN" {
		t.Error("closed with the first client")
	}
	if err := second.Release(); err != nil {
		t.Error(err)
	}
	if state := second.GetState().String(); state != "SHUTDOWN" {
		t.Error("not closed with the last client:", state)
	}
	third, err := Open("unix:/nowhere")
	if err != nil {
		t.Fatal(err)
	}
	if third == first {
		t.Error("the closed one is used again")
	}
	if err := third.Release(); err != nil {
		t.Error(err)
	}
}
