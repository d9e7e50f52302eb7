package sidecar

import (
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"
)

const (
	authority        = "localhost"
	maxMessageBytes  = 64 << 20
	firstReconnect   = 50 * time.Millisecond
	longestReconnect = time.Second
)

// channels are the process' connections, one a target, however many clients
// there are.
var channels = struct {
	sync.Mutex
	byTarget map[string]*Channel
}{byTarget: map[string]*Channel{}}

// Channel is a connection that the clients of one target share. Thread-safe.
type Channel struct {
	*grpc.ClientConn
	target  string
	clients int // protected by channels
}

// Open gives the target's channel. Nothing connects before the first call. The
// caller must Release it.
func Open(target string) (*Channel, error) {
	channels.Lock()
	defer channels.Unlock()
	channel := channels.byTarget[target]
	if channel == nil {
		connection, err := dial(target)
		if err != nil {
			return nil, err
		}
		channel = &Channel{ClientConn: connection, target: target}
		channels.byTarget[target] = channel
	}
	channel.clients++
	return channel, nil
}

// Release closes the channel with its last client.
func (c *Channel) Release() error {
	channels.Lock()
	defer channels.Unlock()
	c.clients--
	if c.clients > 0 {
		return nil
	}
	delete(channels.byTarget, c.target)
	return c.ClientConn.Close()
}

func dial(target string) (*grpc.ClientConn, error) {
	return grpc.NewClient(target,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithAuthority(authority),
		grpc.WithNoProxy(),
		grpc.WithDisableServiceConfig(),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: backoff.Config{
				BaseDelay:  firstReconnect,
				Multiplier: 1.6,
				Jitter:     0.2,
				MaxDelay:   longestReconnect,
			},
			MinConnectTimeout: longestReconnect,
		}),
		grpc.WithDefaultCallOptions(
			grpc.MaxCallRecvMsgSize(maxMessageBytes),
			grpc.MaxCallSendMsgSize(maxMessageBytes),
		))
}
