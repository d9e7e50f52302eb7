// Command example is a small service that has its limits, cache, breaker and pool
// from the sidecar. README.md says how to start it.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"time"

	outrigger "github.com/outrigger/outrigger/client_stubs/go"
	"github.com/outrigger/outrigger/client_stubs/go/outriggerhttp"
)

const address = "127.0.0.1:8090"

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	client, err := outrigger.Connect()
	if err != nil {
		return err
	}
	defer client.Close()

	s := newService(client)
	routes := http.NewServeMux()
	routes.HandleFunc("GET /profiles/{user}", s.profile)
	routes.HandleFunc("GET /shop", s.askShop)
	limited := outriggerhttp.Limit(client.Limiter(), byUser)

	server := &http.Server{Addr: address, Handler: limited(routes), ReadHeaderTimeout: time.Second}
	stop, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	context.AfterFunc(stop, func() { _ = server.Close() }) // it says nothing of use
	log.Print("listening on http://", address)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// byUser limits each user; who does not say is not limited.
func byUser(r *http.Request) outrigger.Attributes {
	if user := r.Header.Get("X-User"); user != "" {
		return outrigger.Attributes{"user": user}
	}
	return nil
}

type profile struct {
	Name string `json:"name"`
}

type service struct {
	profiles *outrigger.Cache[profile]
	shop     *outrigger.Pool
	caller   *http.Client
}

func newService(client *outrigger.Client) *service {
	return &service{
		profiles: outrigger.NewCache[profile](client, "profiles"),
		shop:     client.Pool("shop"),
		caller: &http.Client{
			Timeout:   time.Second,
			Transport: &outriggerhttp.Transport{BreakerOf: outriggerhttp.Always(client.Breaker("shop"))},
		},
	}
}

// profile answers from the cache; of all pods one asks the database.
func (s *service) profile(w http.ResponseWriter, r *http.Request) {
	user := r.PathValue("user")
	var how outrigger.LoadInfo
	found, err := s.profiles.GetOrLoad(r.Context(), "user:"+user, func(ctx context.Context) (profile, error) {
		return fromDatabase(ctx, user)
	}, outrigger.Describe(&how))
	switch {
	case errors.Is(err, outrigger.ErrAbsent):
		http.NotFound(w, r)
	case err != nil:
		http.Error(w, err.Error(), http.StatusInternalServerError)
	default:
		w.Header().Set("X-Loaded", fmt.Sprint(how.Loaded))
		_ = json.NewEncoder(w).Encode(found) // the caller may be gone
	}
}

// fromDatabase stands for a slow query.
func fromDatabase(ctx context.Context, user string) (profile, error) {
	select {
	case <-time.After(50 * time.Millisecond):
	case <-ctx.Done():
		return profile{}, ctx.Err()
	}
	if strings.HasPrefix(user, "nobody") {
		return profile{}, outrigger.ErrAbsent
	}
	return profile{Name: strings.ToUpper(user)}, nil
}

// askShop calls the shop over one of the fleet's few connections, if it is well.
func (s *service) askShop(w http.ResponseWriter, r *http.Request) {
	var answer string
	err := s.shop.With(r.Context(), func(ctx context.Context, lease *outrigger.Lease) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+lease.Endpoint.Address, nil)
		if err != nil {
			return err
		}
		response, err := s.caller.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		_, err = io.Copy(io.Discard, response.Body)
		answer = response.Status
		return err
	})
	var denied *outrigger.DeniedError
	var refused *outrigger.NotAcquiredError
	switch {
	case errors.As(err, &denied):
		http.Error(w, "the shop is not well: "+denied.Message, http.StatusServiceUnavailable)
	case errors.As(err, &refused):
		http.Error(w, "no connection is free: "+refused.Reason.String(), http.StatusServiceUnavailable)
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadGateway)
	default:
		_, _ = fmt.Fprintln(w, "the shop says", answer) // the caller may be gone
	}
}
