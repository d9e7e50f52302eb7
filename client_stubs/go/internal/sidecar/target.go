package sidecar

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
)

const (
	socketName     = "outrigger/outrigger.sock"
	usualFolder    = "/run"
	loopback       = "127.0.0.1:7420"
	targetVariable = "OUTRIGGER_TARGET"
)

// Target says where the sidecar is, in gRPC's form: the given one, or
// OUTRIGGER_TARGET, or the first of the usual sockets that exists, or where one
// is to be expected.
func Target(given string) (string, error) {
	if given == "" {
		given = os.Getenv(targetVariable)
	}
	if given == "" {
		return usualTarget(usualFolder, os.Getenv("XDG_RUNTIME_DIR"), "/tmp"), nil
	}
	return parse(given)
}

// usualTarget looks into the folders in turn; the first is where a sidecar that is
// not there yet is expected. Empty ones do not count.
func usualTarget(first string, others ...string) string {
	for _, folder := range append([]string{first}, others...) {
		if folder == "" {
			continue
		}
		if path := filepath.Join(folder, socketName); exists(path) {
			return "unix:" + path
		}
	}
	if path := filepath.Join(first, socketName); exists(filepath.Dir(path)) {
		return "unix:" + path
	}
	return "passthrough:///" + loopback
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// parse understands unix:///path, unix:path, a path alone, and host:port.
func parse(target string) (string, error) {
	path, isUnix := strings.CutPrefix(target, "unix:")
	switch {
	case isUnix:
		if strings.HasPrefix(path, "//") && !strings.HasPrefix(path, "///") {
			return "", fmt.Errorf("target %q: a socket's path is written unix:///path or unix:path", target)
		}
		path = strings.TrimPrefix(path, "//")
	case strings.ContainsRune(target, '/'):
		path = target
	default:
		host, port, err := net.SplitHostPort(target)
		if err != nil || port == "" {
			return "", fmt.Errorf("target %q: it must be unix:///path, unix:path, a path, or host:port", target)
		}
		if net.ParseIP(host) != nil {
			return "passthrough:///" + target, nil
		}
		return "dns:///" + target, nil
	}
	if path == "" {
		return "", fmt.Errorf("target %q: the socket's path is missing", target)
	}
	return "unix:" + path, nil
}
