package outriggersql_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/outrigger/outrigger/client_stubs/go/internal/clienttest"
	"github.com/outrigger/outrigger/client_stubs/go/internal/sidecartest"
	"github.com/outrigger/outrigger/client_stubs/go/outriggersql"
	poolv1 "github.com/outrigger/outrigger/client_stubs/go/pool/v1"
)

// loser grants leases, and has all be lost that a test says; its streams go on.
type loser struct {
	poolv1.UnimplementedPoolServer
	lost     chan uint64
	released chan *poolv1.ReleaseRequest
}

func (l *loser) Hold(stream grpc.BidiStreamingServer[poolv1.HoldRequest, poolv1.HoldResponse]) error {
	asked := make(chan uint64, 10)
	go func() {
		for {
			request, err := stream.Recv()
			if err != nil {
				return
			}
			if said := request.GetRelease(); said != nil {
				l.released <- said
			} else {
				asked <- request.GetId()
			}
		}
	}()
	for {
		response := &poolv1.HoldResponse{}
		select {
		case response.Id = <-asked:
			response.Response = &poolv1.HoldResponse_Acquired{Acquired: &poolv1.AcquireResponse{
				Acquired: true, LeaseId: 7, ExpiresAfter: durationpb.New(time.Hour),
			}}
		case id := <-l.lost:
			response.Response = &poolv1.HoldResponse_LostLeaseId{LostLeaseId: id}
		case <-stream.Context().Done():
			return nil
		}
		if err := stream.Send(response); err != nil {
			return err
		}
	}
}

// base opens connections that only know when they are closed.
type base struct{ closed chan struct{} }

func (b base) Connect(context.Context) (driver.Conn, error) { return b, nil }
func (b base) Driver() driver.Driver                        { return nil }
func (b base) Prepare(string) (driver.Stmt, error)          { return nil, driver.ErrSkip }
func (b base) Begin() (driver.Tx, error)                    { return nil, driver.ErrSkip }
func (b base) Close() error {
	close(b.closed)
	return nil
}

func TestTheLostLeaseOfAnIdleConnectionIsGivenBack(t *testing.T) {
	l := &loser{lost: make(chan uint64), released: make(chan *poolv1.ReleaseRequest, 10)}
	target := sidecartest.Play(t, func(server *grpc.Server) { poolv1.RegisterPoolServer(server, l) })
	b := base{make(chan struct{})}
	db := sql.OpenDB(outriggersql.NewConnector(clienttest.Connect(t, target).Pool("orders"), b))
	connection, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if err := connection.Close(); err != nil { // kept by database/sql
		t.Fatal(err)
	}
	l.lost <- 7
	<-b.closed
	if said := <-l.released; said.GetLeaseId() != 7 || said.GetResult() != poolv1.Result_IGNORED {
		t.Error(said)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if len(l.released) != 0 {
		t.Error("it was given back twice")
	}
}
