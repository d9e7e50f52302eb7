package outriggersql

import (
	"context"
	"database/sql/driver"
	"errors"
)

var errNamed = errors.New("outriggersql: the driver has no named parameters")

// statement is a prepared one of a connection with a lease.
type statement struct {
	driver.Stmt
	connection *connection
}

func (c *connection) wrap(prepared driver.Stmt, err error) (driver.Stmt, error) {
	if err != nil {
		return nil, err
	}
	return &statement{prepared, c}, nil
}

// ExecContext passes on.
func (s *statement) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	if err := s.connection.usable(); err != nil {
		return nil, err
	}
	if base, ok := s.Stmt.(driver.StmtExecContext); ok {
		result, err := base.ExecContext(ctx, args)
		return result, s.connection.note(err)
	}
	values, err := plain(ctx, args)
	if err != nil {
		return nil, err
	}
	result, err := s.Stmt.Exec(values) //nolint:staticcheck // all that the driver has
	return result, s.connection.note(err)
}

// QueryContext passes on.
func (s *statement) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	if err := s.connection.usable(); err != nil {
		return nil, err
	}
	if base, ok := s.Stmt.(driver.StmtQueryContext); ok {
		rows, err := base.QueryContext(ctx, args)
		return rows, s.connection.note(err)
	}
	values, err := plain(ctx, args)
	if err != nil {
		return nil, err
	}
	rows, err := s.Stmt.Query(values) //nolint:staticcheck // all that the driver has
	return rows, s.connection.note(err)
}

// CheckNamedValue asks the statement, then the connection, then the statement's
// converters, as database/sql does.
func (s *statement) CheckNamedValue(value *driver.NamedValue) error {
	if base, ok := s.Stmt.(driver.NamedValueChecker); ok {
		return base.CheckNamedValue(value)
	}
	if base, ok := s.connection.base.(driver.NamedValueChecker); ok {
		return base.CheckNamedValue(value)
	}
	if base, ok := s.Stmt.(driver.ColumnConverter); ok { //nolint:staticcheck // drivers have it still
		converted, err := base.ColumnConverter(value.Ordinal - 1).ConvertValue(value.Value)
		value.Value = converted
		return err
	}
	return driver.ErrSkip
}

// plain are the values for drivers that know neither names nor contexts.
func plain(ctx context.Context, args []driver.NamedValue) ([]driver.Value, error) {
	values := make([]driver.Value, 0, len(args))
	for _, arg := range args {
		if arg.Name != "" {
			return nil, errNamed
		}
		values = append(values, arg.Value)
	}
	return values, ctx.Err()
}
