// Package outriggersql caps the connections that database/sql's pools of a whole
// fleet open to a database: each physical connection has a lease of an Outrigger
// pool, taken before connecting and given back after closing.
//
//	connector := outriggersql.NewConnector(client.Pool("orders-db"), base)
//	db := sql.OpenDB(connector)
//
// `base` is any driver's driver.Connector, e.g. stdlib.GetConnector(config) of pgx.
// Have idle connections closed soon (SetConnMaxIdleTime): what one process keeps
// others cannot have.
//
// A lease that is lost (the sidecar went away, say) may be another's at once: its
// connection is closed if it is idle, and else fails with driver.ErrBadConn at its
// next use.
package outriggersql

import (
	"context"
	"database/sql/driver"

	outrigger "github.com/outrigger/outrigger/client_stubs/go"
)

// Connector opens connections with a base connector, each with a lease. Safe for
// use by many goroutines at once.
type Connector struct {
	pool    *outrigger.Pool
	driver  driver.Driver
	base    BaseOf
	options []outrigger.AcquireOption
}

// BaseOf gives the connector for an endpoint, whose address is empty if the pool
// has none.
type BaseOf func(outrigger.Endpoint) (driver.Connector, error)

// NewConnector has all connections opened by base. Options are for each acquire:
// MaxWait (5 s unless said otherwise; the context's deadline counts, too), InRole,
// SessionKey.
func NewConnector(pool *outrigger.Pool, base driver.Connector, options ...outrigger.AcquireOption) *Connector {
	return NewEndpointConnector(pool, base.Driver(), func(outrigger.Endpoint) (driver.Connector, error) {
		return base, nil
	}, options...)
}

// NewEndpointConnector has each connection opened to the endpoint that its lease
// names.
func NewEndpointConnector(pool *outrigger.Pool, driver driver.Driver, base BaseOf, options ...outrigger.AcquireOption) *Connector {
	return &Connector{pool: pool, driver: driver, base: base, options: options}
}

// Driver is the base's.
func (c *Connector) Driver() driver.Driver { return c.driver }

// Connect waits for a slot and connects. Without one the error is a
// *outrigger.NotAcquiredError.
func (c *Connector) Connect(ctx context.Context) (driver.Conn, error) {
	lease, err := c.pool.Acquire(ctx, c.options...)
	if err != nil {
		return nil, err
	}
	result := outrigger.Failure // unless it connects
	connected := false
	defer func() {
		if !connected {
			lease.Release(result)
		}
	}()
	base, err := c.base(lease.Endpoint)
	if err != nil {
		result = outrigger.Ignored
		return nil, err
	}
	opened, err := base.Connect(ctx)
	if err != nil {
		result = outrigger.Classify(err)
		return nil, err
	}
	connected = true
	return newConnection(opened, lease), nil
}
