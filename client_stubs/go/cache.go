package outrigger

import (
	"context"
	"errors"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/types/known/durationpb"

	cachev1 "github.com/outrigger/outrigger/client_stubs/go/cache/v1"
	"github.com/outrigger/outrigger/client_stubs/go/internal/sidecar"
)

// ErrAbsent says that there is no value. A loader returns it (or an error that
// wraps it) if it has looked and there is none, which is then remembered; and
// GetOrLoad returns it when that is known.
var ErrAbsent = errors.New("outrigger: there is no such value")

// Cache is one namespace of the sidecar's cache, with values of one type. Keys
// have 1 to 1,024 bytes of UTF-8.
type Cache[T any] struct {
	client    *Client
	rpc       cachev1.CacheClient
	namespace string
	codec     Codec[T]
}

// NewCache has values of type T in the namespace, which must be configured.
// Strings and []byte are stored as they are, all else as JSON; WithCodec says
// otherwise.
func NewCache[T any](client *Client, namespace string) *Cache[T] {
	return &Cache[T]{
		client:    client,
		rpc:       cachev1.NewCacheClient(client.link.Channel),
		namespace: namespace,
		codec:     usualCodec[T](),
	}
}

// WithCodec is the same cache with another codec.
func (c *Cache[T]) WithCodec(codec Codec[T]) *Cache[T] {
	other := *c
	other.codec = codec
	return &other
}

// Entry is what Get found.
type Entry[T any] struct {
	// Found: there is a value.
	Found bool
	// Value is T's zero unless Found.
	Value T
	// Absent: it is known that there is none.
	Absent bool
	// Stale: past its TTL, or softly invalidated.
	Stale bool
	// Version grows with each write of the key; as an HTTP ETag it is a strong one.
	// 0: none.
	Version uint64
	// Age is the time since it was written: HTTP's Age.
	Age time.Duration
	// TTL is the time for which it is fresh; 0 if it is stale.
	TTL time.Duration
	// Coherent: verified; false for what is served while that is not known.
	Coherent bool
	// Degraded is the sidecar's own word: the fleet's store is out of reach.
	Degraded bool
	// Source is Fallback if the sidecar did not answer; then nothing was found.
	Source Source
}

// Get only looks: it neither waits for another's load nor is told to load. A
// value that the codec cannot read is not found.
func (c *Cache[T]) Get(ctx context.Context, key string) (Entry[T], error) {
	request := &cachev1.GetRequest{Namespace: c.namespace, Key: key, NoFill: true}
	if err := c.check(key); err != nil {
		return Entry[T]{}, err
	}
	response, err := ask(ctx, c.client, &c.client.counters.cache, 0, c.rpc.Get, request)
	if sidecar.IsNoAnswer(err) {
		return Entry[T]{Source: Fallback}, nil
	}
	if err != nil {
		return Entry[T]{}, err
	}
	entry := Entry[T]{
		Absent:   response.GetStatus() == cachev1.Status_ABSENT,
		Version:  response.GetVersion(),
		Age:      timeOf(response.GetAge()),
		TTL:      timeOf(response.GetTtl()),
		Coherent: response.GetCoherent(),
		Degraded: response.GetDegraded(),
	}
	if hasValue(response) {
		value, err := c.codec.Decode(response.GetValue())
		if err == nil {
			entry.Found, entry.Value = true, value
			entry.Stale = response.GetStatus() == cachev1.Status_STALE
		}
	}
	return entry, nil
}

// SetOption is one of Set's: TTL, StaleFor, Tags, IfVersion, IfMissing,
// WriteBehind.
type SetOption interface{ set(*cachev1.SetRequest) }

// TTLOption is TTL's.
type TTLOption time.Duration

// TTL is how long the value is fresh, 1 ms to 30 days. Unset or 0: the namespace's.
// (Of a load: if it finds that there is none, that is remembered for the
// namespace's absent_ttl.)
func TTL(ttl time.Duration) TTLOption { return TTLOption(ttl) }

func (o TTLOption) set(r *cachev1.SetRequest) { r.Ttl = durationpb.New(time.Duration(o)) }
func (o TTLOption) load(l *loading)           { l.stored = append(l.stored, o) }

// StaleForOption is StaleFor's.
type StaleForOption time.Duration

// StaleFor is how long after its TTL the value may be served stale, 0 to 30 days.
// Unset: the namespace's.
func StaleFor(stale time.Duration) StaleForOption { return StaleForOption(stale) }

func (o StaleForOption) set(r *cachev1.SetRequest) { r.StaleFor = durationpb.New(time.Duration(o)) }
func (o StaleForOption) load(l *loading)           { l.stored = append(l.stored, o) }

// TagsOption is Tags's.
type TagsOption []string

// Tags are names under which the value can be invalidated together with others:
// at most 16, each of 1 to 128 bytes.
func Tags(tags ...string) TagsOption { return TagsOption(tags) }

func (o TagsOption) set(r *cachev1.SetRequest) { r.Tags = o }
func (o TagsOption) load(l *loading)           { l.stored = append(l.stored, o) }

// ConditionOption is IfVersion's and IfMissing's; the last one given counts.
type ConditionOption struct{ version uint64 }

// IfVersion stores only if the present value is of this version (not 0): compare
// and swap.
func IfVersion(version uint64) ConditionOption { return ConditionOption{version} }

// IfMissing stores only if there is no value; a known absence is none.
func IfMissing() ConditionOption { return ConditionOption{} }

func (o ConditionOption) set(r *cachev1.SetRequest) {
	if o.version == 0 {
		r.Condition = &cachev1.SetRequest_IfAbsent{IfAbsent: true}
	} else {
		r.Condition = &cachev1.SetRequest_IfVersion{IfVersion: o.version}
	}
}

// WriteBehindOption is WriteBehind's.
type WriteBehindOption struct{}

// WriteBehind also puts the value into the namespace's journal, from where
// PullWrites gets it; the namespace must have write_behind.
func WriteBehind() WriteBehindOption { return WriteBehindOption{} }

func (WriteBehindOption) set(r *cachev1.SetRequest) { r.WriteBehind = true }

// Stored is Set's answer.
type Stored struct {
	// Stored: it was. Else Reason says why not.
	Stored bool
	// Version is the new one, or if it was not stored the present one (0: none, or
	// not known).
	Version uint64
	// Reason, if it was not stored: FILL_REVOKED, VERSION_MISMATCH, ALREADY_EXISTS,
	// STORE_UNAVAILABLE; REASON_UNSPECIFIED of a Fallback.
	Reason cachev1.Reason
	// Degraded is the sidecar's own word: the fleet's store is out of reach.
	Degraded bool
	// Source is Fallback if the sidecar did not answer; whether it was stored is
	// not known then.
	Source Source
}

// Set stores the value; loads of the key that are under way are refused. The
// error may be the codec's.
func (c *Cache[T]) Set(ctx context.Context, key string, value T, options ...SetOption) (Stored, error) {
	data, err := c.encode(key, value)
	if err != nil {
		return Stored{}, err
	}
	return c.write(ctx, &cachev1.SetRequest{Namespace: c.namespace, Key: key, Value: data}, options)
}

// SetAbsent remembers that there is no value, for the TTL (unset: the namespace's
// absent_ttl).
func (c *Cache[T]) SetAbsent(ctx context.Context, key string, options ...SetOption) (Stored, error) {
	return c.write(ctx, &cachev1.SetRequest{Namespace: c.namespace, Key: key, Absent: true}, options)
}

func (c *Cache[T]) write(ctx context.Context, request *cachev1.SetRequest, options []SetOption) (Stored, error) {
	for _, option := range options {
		option.set(request)
	}
	if err := c.check(append([]string{request.Key}, request.Tags...)...); err != nil {
		return Stored{}, err
	}
	response, err := ask(ctx, c.client, &c.client.counters.cache, 0, c.rpc.Set, request)
	if sidecar.IsNoAnswer(err) {
		return Stored{Source: Fallback}, nil
	}
	return Stored{
		Stored:   response.GetStored(),
		Version:  response.GetVersion(),
		Reason:   response.GetReason(),
		Degraded: response.GetDegraded(),
	}, err
}

// check refuses what cannot be sent.
func (c *Cache[T]) check(texts ...string) error {
	for _, text := range texts {
		if !utf8.ValidString(text) {
			return sidecar.Invalid("%q: must be UTF-8", text)
		}
	}
	return nil
}

func hasValue(response *cachev1.GetResponse) bool {
	return response.GetStatus() == cachev1.Status_HIT || response.GetStatus() == cachev1.Status_STALE
}
