package outriggersql

import (
	"context"
	"database/sql/driver"
	"errors"
	"sync"

	outrigger "github.com/outrigger/outrigger/client_stubs/go"
)

// connection is a base connection and its lease. database/sql uses it from one
// goroutine at a time; besides, the lease's loss closes it while it is idle.
type connection struct {
	base  driver.Conn
	lease *outrigger.Lease
	ended chan struct{} // closed by Close

	mutex sync.Mutex
	// Protected by mutex.
	idle   bool // kept by database/sql's pool, and used by nobody
	closed bool // the base is
	failed bool // an operation gave driver.ErrBadConn
}

func newConnection(base driver.Conn, lease *outrigger.Lease) *connection {
	c := &connection{base: base, lease: lease, ended: make(chan struct{})}
	if lease.Lost() != nil {
		go c.watch()
	}
	return c
}

// Base gives the driver's own connection, in the function given to
// sql.Conn.Raw.
func Base(driverConn any) any {
	if c, ok := driverConn.(*connection); ok {
		return c.base
	}
	return driverConn
}

// watch closes the connection when its lease is lost, if it is idle then; else its
// next use does.
func (c *connection) watch() {
	select {
	case <-c.ended:
	case <-c.lease.Lost():
		c.mutex.Lock()
		defer c.mutex.Unlock()
		if c.idle {
			_ = c.closeBase() // nobody is there to be told
			// The sidecar may think that it is held.
			c.lease.Release(outrigger.Ignored)
		}
	}
}

// closeBase is called with the mutex held.
func (c *connection) closeBase() error {
	if c.closed {
		return nil
	}
	c.closed = true
	return c.base.Close()
}

// Close closes the connection, and then gives the lease back.
func (c *connection) Close() error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	select {
	case <-c.ended:
		return nil
	default:
		close(c.ended)
	}
	err := c.closeBase()
	result := outrigger.Success
	if c.failed {
		result = outrigger.Failure
	}
	c.lease.Release(result)
	return err
}

// usable is asked before each use.
func (c *connection) usable() error {
	if c.lease.IsLost() {
		return driver.ErrBadConn
	}
	return nil
}

// note remembers that the connection failed.
func (c *connection) note(err error) error {
	if errors.Is(err, driver.ErrBadConn) {
		c.mutex.Lock()
		defer c.mutex.Unlock()
		c.failed = true
	}
	return err
}

// IsValid is asked by database/sql before it keeps the connection.
func (c *connection) IsValid() bool {
	if base, ok := c.base.(driver.Validator); ok && !base.IsValid() {
		return false
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.idle = c.usable() == nil && !c.lease.Overflow
	return c.idle
}

// ResetSession is called by database/sql before it uses a kept connection again.
func (c *connection) ResetSession(ctx context.Context) error {
	c.mutex.Lock()
	c.idle = false
	closed := c.closed
	c.mutex.Unlock()
	if closed || c.usable() != nil {
		return driver.ErrBadConn
	}
	if base, ok := c.base.(driver.SessionResetter); ok {
		return c.note(base.ResetSession(ctx))
	}
	return nil
}
