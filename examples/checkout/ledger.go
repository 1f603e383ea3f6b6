package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
)

// ledgerConnections is how many connections the ledger accepts in all, as a
// database's max_connections.
const ledgerConnections = 64

// ledger is the dependency: a table of prices behind database/sql, so that the
// pool, its limits and its metrics are those of a service with a real
// database. It lives in the process to keep the example self-contained, and
// refuses connections beyond its limit as a server would.
type ledger struct {
	open atomic.Int64
}

var (
	_ driver.Connector      = (*ledger)(nil)
	_ driver.QueryerContext = (*ledgerConn)(nil)
)

var (
	errLedgerFull  = errors.New("ledger: too many connections")
	errLedgerQuery = errors.New("ledger: only " + priceQuery + " is understood")
)

const priceQuery = "SELECT cents FROM products WHERE sku = ?"

// openLedger is a pool of at most size connections; size is what an instance
// may take of ledgerConnections, whatever its load.
func openLedger(size int) *sql.DB {
	db := sql.OpenDB(&ledger{})
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	return db
}

// Connect implements driver.Connector.
func (l *ledger) Connect(context.Context) (driver.Conn, error) {
	if l.open.Add(1) > ledgerConnections {
		l.open.Add(-1)
		return nil, errLedgerFull
	}
	return &ledgerConn{l}, nil
}

// Driver implements driver.Connector.
func (l *ledger) Driver() driver.Driver { return ledgerDriver{l} }

type ledgerDriver struct{ l *ledger }

// Open implements driver.Driver.
func (d ledgerDriver) Open(string) (driver.Conn, error) { return d.l.Connect(context.Background()) }

type ledgerConn struct{ l *ledger }

// QueryContext implements driver.QueryerContext: the one query there is.
func (c *ledgerConn) QueryContext(_ context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if query != priceQuery || len(args) != 1 {
		return nil, errLedgerQuery
	}
	sku, ok := args[0].Value.(int64)
	if !ok {
		return nil, fmt.Errorf("ledger: sku %v is not a number", args[0].Value)
	}
	if sku < 1 || sku > products {
		return &ledgerRows{done: true}, nil
	}
	return &ledgerRows{cents: centsOf(sku)}, nil
}

// Prepare, Begin and Close implement driver.Conn.
func (c *ledgerConn) Prepare(string) (driver.Stmt, error) { return nil, errLedgerQuery }
func (c *ledgerConn) Begin() (driver.Tx, error)           { return nil, errLedgerQuery }
func (c *ledgerConn) Close() error                        { c.l.open.Add(-1); return nil }

// ledgerRows is a result of one row, or of none.
type ledgerRows struct {
	cents int64
	done  bool
}

func (*ledgerRows) Columns() []string { return []string{"cents"} }
func (*ledgerRows) Close() error      { return nil }

func (r *ledgerRows) Next(dest []driver.Value) error {
	if r.done {
		return io.EOF
	}
	r.done = true
	dest[0] = r.cents
	return nil
}

// products is the size of the catalogue; SKUs are 1 to products.
const products = 1000

// centsOf is the list price of a product: between 0.99 and 199.99.
func centsOf(sku int64) int64 { return 99 + (sku*7919)%200*100 }
