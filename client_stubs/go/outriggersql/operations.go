package outriggersql

import (
	"context"
	"database/sql/driver"
	"errors"
)

// What follows passes each of database/sql's operations on, as it would itself
// call the base, if the lease is not lost.

var errNoIsolation = errors.New("outriggersql: the driver has neither isolation levels nor read-only transactions")

// Ping passes on.
func (c *connection) Ping(ctx context.Context) error {
	if err := c.usable(); err != nil {
		return err
	}
	if base, ok := c.base.(driver.Pinger); ok {
		return c.note(base.Ping(ctx))
	}
	return nil
}

// ExecContext passes on; driver.ErrSkip has database/sql prepare a statement.
func (c *connection) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if err := c.usable(); err != nil {
		return nil, err
	}
	base, ok := c.base.(driver.ExecerContext)
	if !ok {
		return nil, driver.ErrSkip
	}
	result, err := base.ExecContext(ctx, query, args)
	return result, c.note(err)
}

// QueryContext passes on; driver.ErrSkip has database/sql prepare a statement.
func (c *connection) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if err := c.usable(); err != nil {
		return nil, err
	}
	base, ok := c.base.(driver.QueryerContext)
	if !ok {
		return nil, driver.ErrSkip
	}
	rows, err := base.QueryContext(ctx, query, args)
	return rows, c.note(err)
}

// Prepare passes on.
func (c *connection) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

// PrepareContext passes on.
func (c *connection) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if err := c.usable(); err != nil {
		return nil, err
	}
	base, ok := c.base.(driver.ConnPrepareContext)
	if ok {
		prepared, err := base.PrepareContext(ctx, query)
		return c.wrap(prepared, c.note(err))
	}
	prepared, err := c.base.Prepare(query)
	if err == nil && ctx.Err() != nil {
		_ = prepared.Close() // the context's end is the error that matters
		return nil, ctx.Err()
	}
	return c.wrap(prepared, c.note(err))
}

// Begin passes on.
func (c *connection) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

// BeginTx passes on. What has begun can be committed although the lease was lost
// meanwhile.
func (c *connection) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	if err := c.usable(); err != nil {
		return nil, err
	}
	if base, ok := c.base.(driver.ConnBeginTx); ok {
		transaction, err := base.BeginTx(ctx, options)
		return transaction, c.note(err)
	}
	if options != (driver.TxOptions{}) {
		return nil, errNoIsolation
	}
	transaction, err := c.base.Begin() //nolint:staticcheck // all that the driver has
	if err == nil && ctx.Err() != nil {
		_ = transaction.Rollback() // the context's end is the error that matters
		return nil, ctx.Err()
	}
	return transaction, c.note(err)
}

// CheckNamedValue passes on.
func (c *connection) CheckNamedValue(value *driver.NamedValue) error {
	if base, ok := c.base.(driver.NamedValueChecker); ok {
		return base.CheckNamedValue(value)
	}
	return driver.ErrSkip
}
