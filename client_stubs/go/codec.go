package outrigger

import (
	"encoding/json"
	"fmt"
)

// Codec turns values into bytes and back. Both must be safe for use by many
// goroutines at once.
type Codec[T any] interface {
	Encode(T) ([]byte, error)
	// Decode may keep the bytes. What it cannot read counts as a miss.
	Decode([]byte) (T, error)
}

// JSON is a codec of encoding/json.
func JSON[T any]() Codec[T] { return jsonCodec[T]{} }

// Bytes is a codec that leaves bytes as they are.
func Bytes() Codec[[]byte] { return bytesCodec{} }

// Text is a codec of strings as they are.
func Text() Codec[string] { return textCodec{} }

type jsonCodec[T any] struct{}

func (jsonCodec[T]) Encode(value T) ([]byte, error) { return json.Marshal(value) }

func (jsonCodec[T]) Decode(data []byte) (T, error) {
	var value T
	err := json.Unmarshal(data, &value)
	return value, err
}

type bytesCodec struct{}

func (bytesCodec) Encode(value []byte) ([]byte, error) { return value, nil }
func (bytesCodec) Decode(data []byte) ([]byte, error)  { return data, nil }

type textCodec struct{}

func (textCodec) Encode(value string) ([]byte, error) { return []byte(value), nil }
func (textCodec) Decode(data []byte) (string, error)  { return string(data), nil }

// usualCodec leaves text and bytes as they are; all else is JSON.
func usualCodec[T any]() Codec[T] {
	for _, codec := range []any{Text(), Bytes()} {
		if usual, ok := codec.(Codec[T]); ok {
			return usual
		}
	}
	return JSON[T]()
}

// encode tells which key's value could not be encoded.
func (c *Cache[T]) encode(key string, value T) ([]byte, error) {
	data, err := c.codec.Encode(value)
	if err != nil {
		return nil, fmt.Errorf("outrigger: cache %s, key %q: encoding: %w", c.namespace, key, err)
	}
	return data, nil
}
