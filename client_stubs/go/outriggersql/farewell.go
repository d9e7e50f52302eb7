package outriggersql

import (
	"context"
	"io"
	"net"
	"time"
)

// longestFarewell is how long Close waits for the server to hang up.
const longestFarewell = time.Second

// Dial is as net.Dialer.DialContext.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// WithFarewell gives connections whose Close waits until the server has hung up, 1 s
// at most. A driver says goodbye and closes; but PostgreSQL counts a connection
// until the process that served it has ended, and would refuse who connects to
// the free slot before. For pgx:
//
//	config.DialFunc = pgconn.DialFunc(outriggersql.WithFarewell((&net.Dialer{}).DialContext))
func WithFarewell(dial Dial) Dial {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		opened, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &polite{opened}, nil
	}
}

type polite struct{ net.Conn }

// Close reads to the end before it closes. What comes, or fails, does not matter.
func (p *polite) Close() error {
	if p.SetReadDeadline(time.Now().Add(longestFarewell)) == nil {
		if half, ok := p.Conn.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite() // who did not say goodbye does so now
		}
		_, _ = io.Copy(io.Discard, p.Conn)
	}
	return p.Conn.Close()
}
