// Functions of a sequence in Go: copy this file beside yours. It reads the change, and writes what your functions return.
//
// It has a JSON of its own, as encoding/json is some five times slower where this runs: what it reads are map[string]any, []any,
// string, Number, bool and nil. It writes these, integers, floats and whatever has a MarshalJSON, such as json.RawMessage.
package main

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
)

// Change is what functions are called with.
type Change struct {
	Action   string
	Record   map[string]any
	Changes  map[string]any
	Metadata map[string]any
}

// Number is a number with the digits that Postgres has written.
type Number string

func (n Number) String() string { return string(n) }

func (n Number) Int64() (int64, error) { return strconv.ParseInt(string(n), 10, 64) }

func (n Number) Float64() (float64, error) { return strconv.ParseFloat(string(n), 64) }

var (
	given  []byte
	parsed bool
	change Change
	told   []byte // kept here, so that it is not collected before it is read
)

func main() {}

// Called before the functions of each change, for the room that its JSON needs.
//
//go:wasmexport allocate
func allocate(size int32) unsafe.Pointer {
	given = slices.Grow(given[:0], int(size))[:size]
	parsed = false
	return unsafe.Pointer(unsafe.SliceData(given))
}

// answer calls a function with the change, and says where its result lies.
func answer(function func(Change) (any, error)) int64 {
	if !parsed {
		if err := parse(); err != nil {
			return failed(err)
		}
	}
	result, err := function(change)
	if err == nil {
		told, err = appendJSON(told[:0], result)
	}
	if err != nil {
		return failed(err)
	}
	return place()
}

// A negative answer is the message of an error.
func failed(err error) int64 {
	told = append(told[:0], err.Error()...)
	if len(told) == 0 {
		told = append(told, "an error without a message"...)
	}
	return -place()
}

func place() int64 {
	return int64(uintptr(unsafe.Pointer(unsafe.SliceData(told))))<<32 | int64(len(told))
}

func parse() error {
	r := reader{text: given}
	all, err := r.value()
	parts, is := all.(map[string]any)
	if err != nil || !is {
		return errors.Join(errors.New("the change is no object of JSON"), err)
	}
	change = Change{}
	change.Action, _ = parts["action"].(string)
	change.Record, _ = parts["record"].(map[string]any)
	change.Changes, _ = parts["changes"].(map[string]any)
	change.Metadata, _ = parts["metadata"].(map[string]any)
	parsed = true
	return nil
}

type reader struct {
	text []byte
	at   int
}

func (r *reader) wrong() error {
	return errors.New("no JSON at byte " + strconv.Itoa(r.at))
}

// The next byte that is no space, 0 at the end.
func (r *reader) next() byte {
	for r.at < len(r.text) && r.text[r.at] <= ' ' {
		r.at++
	}
	if r.at == len(r.text) {
		return 0
	}
	return r.text[r.at]
}

func (r *reader) value() (any, error) {
	switch c := r.next(); c {
	case '{':
		return r.object()
	case '[':
		return r.array()
	case '"':
		return r.string()
	case 't':
		return true, r.word("true")
	case 'f':
		return false, r.word("false")
	case 'n':
		return nil, r.word("null")
	default:
		return r.number()
	}
}

func (r *reader) word(word string) error {
	if len(r.text)-r.at < len(word) || string(r.text[r.at:r.at+len(word)]) != word {
		return r.wrong()
	}
	r.at += len(word)
	return nil
}

// more tells whether another member follows, and stands at it.
func (r *reader) more(end byte, first bool) (bool, error) {
	c := r.next()
	if c == end {
		r.at++
		return false, nil
	}
	if first {
		return true, nil
	}
	if c != ',' {
		return false, r.wrong()
	}
	r.at++
	return true, nil
}

func (r *reader) object() (any, error) {
	r.at++
	object := make(map[string]any)
	for first := true; ; first = false {
		if more, err := r.more('}', first); !more || err != nil {
			return object, err
		}
		if r.next() != '"' {
			return nil, r.wrong()
		}
		name, err := r.string()
		if err != nil {
			return nil, err
		}
		if r.next() != ':' {
			return nil, r.wrong()
		}
		r.at++
		if object[name], err = r.value(); err != nil {
			return nil, err
		}
	}
}

func (r *reader) array() (any, error) {
	r.at++
	array := []any{}
	for first := true; ; first = false {
		if more, err := r.more(']', first); !more || err != nil {
			return array, err
		}
		value, err := r.value()
		if err != nil {
			return nil, err
		}
		array = append(array, value)
	}
}

func (r *reader) number() (any, error) {
	from := r.at
	for r.at < len(r.text) && isOfNumber(r.text[r.at]) {
		r.at++
	}
	if r.at == from {
		return nil, r.wrong()
	}
	return Number(r.text[from:r.at]), nil
}

func isOfNumber(c byte) bool {
	return c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'
}

func (r *reader) string() (string, error) {
	r.at++
	from := r.at
	for r.at < len(r.text) {
		switch r.text[r.at] {
		case '"':
			r.at++
			return string(r.text[from : r.at-1]), nil
		case '\\':
			return r.escaped(append([]byte(nil), r.text[from:r.at]...))
		}
		r.at++
	}
	return "", r.wrong()
}

func (r *reader) escaped(s []byte) (string, error) {
	for r.at < len(r.text) {
		c := r.text[r.at]
		r.at++
		if c == '"' {
			return string(s), nil
		}
		if c != '\\' {
			s = append(s, c)
			continue
		}
		var err error
		if s, err = r.escape(s); err != nil {
			return "", err
		}
	}
	return "", r.wrong()
}

func (r *reader) escape(s []byte) ([]byte, error) {
	if r.at == len(r.text) {
		return nil, r.wrong()
	}
	c := r.text[r.at]
	r.at++
	switch c {
	case '"', '\\', '/':
		return append(s, c), nil
	case 'b':
		return append(s, '\b'), nil
	case 'f':
		return append(s, '\f'), nil
	case 'n':
		return append(s, '\n'), nil
	case 'r':
		return append(s, '\r'), nil
	case 't':
		return append(s, '\t'), nil
	case 'u':
		return r.unicode(s)
	}
	return nil, r.wrong()
}

// Half a pair of surrogates becomes U+FFFD, as with encoding/json.
func (r *reader) unicode(s []byte) ([]byte, error) {
	high, err := r.unit()
	if err != nil {
		return nil, err
	}
	if utf16.IsSurrogate(high) && len(r.text)-r.at >= 6 && r.text[r.at] == '\\' && r.text[r.at+1] == 'u' {
		back := r.at
		r.at += 2
		low, err := r.unit()
		if err != nil {
			return nil, err
		}
		if both := utf16.DecodeRune(high, low); both != utf8.RuneError {
			return utf8.AppendRune(s, both), nil
		}
		r.at = back
	}
	return utf8.AppendRune(s, high), nil
}

func (r *reader) unit() (rune, error) {
	if len(r.text)-r.at < 4 {
		return 0, r.wrong()
	}
	unit, err := strconv.ParseUint(string(r.text[r.at:r.at+4]), 16, 16)
	r.at += 4
	return rune(unit), err
}

func appendJSON(to []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case nil:
		return append(to, "null"...), nil
	case bool:
		return strconv.AppendBool(to, v), nil
	case string:
		return appendString(to, v), nil
	case Number:
		return append(to, v...), nil
	case map[string]any:
		return appendObject(to, v)
	case []any:
		return appendArray(to, v)
	case float64:
		return appendFloat(to, v)
	case int:
		return strconv.AppendInt(to, int64(v), 10), nil
	case interface{ MarshalJSON() ([]byte, error) }:
		text, err := v.MarshalJSON()
		return append(to, text...), err
	}
	return appendOther(to, value)
}

func appendOther(to []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case int64:
		return strconv.AppendInt(to, v, 10), nil
	case int32:
		return strconv.AppendInt(to, int64(v), 10), nil
	case uint64:
		return strconv.AppendUint(to, v, 10), nil
	case uint32:
		return strconv.AppendUint(to, uint64(v), 10), nil
	case float32:
		return appendFloat(to, float64(v))
	case []string:
		array := make([]any, len(v))
		for i, each := range v {
			array[i] = each
		}
		return appendArray(to, array)
	case map[string]string:
		object := make(map[string]any, len(v))
		for name, each := range v {
			object[name] = each
		}
		return appendObject(to, object)
	}
	return nil, errors.New("it returned a value that cannot be JSON as it is: make it of map[string]any, []any, string, Number," +
		" int, float64, bool and nil, or json.RawMessage of what json.Marshal makes")
}

func appendFloat(to []byte, value float64) ([]byte, error) {
	if math.IsNaN(value) || math.IsInf(value, 0) {
		return nil, errors.New("it returned a float that is infinite or none, which cannot be JSON")
	}
	if value == math.Trunc(value) && math.Abs(value) < 1<<53 {
		return strconv.AppendInt(to, int64(value), 10), nil
	}
	return strconv.AppendFloat(to, value, 'g', -1, 64), nil
}

// In the order of their names, as encoding/json does.
func appendObject(to []byte, object map[string]any) ([]byte, error) {
	if object == nil {
		return append(to, "null"...), nil
	}
	names := make([]string, 0, len(object))
	for name := range object {
		names = append(names, name)
	}
	slices.Sort(names)
	to = append(to, '{')
	for i, name := range names {
		if i > 0 {
			to = append(to, ',')
		}
		to = append(appendString(to, name), ':')
		var err error
		if to, err = appendJSON(to, object[name]); err != nil {
			return nil, err
		}
	}
	return append(to, '}'), nil
}

func appendArray(to []byte, array []any) ([]byte, error) {
	if array == nil {
		return append(to, "null"...), nil
	}
	to = append(to, '[')
	for i, value := range array {
		if i > 0 {
			to = append(to, ',')
		}
		var err error
		if to, err = appendJSON(to, value); err != nil {
			return nil, err
		}
	}
	return append(to, ']'), nil
}

func appendString(to []byte, s string) []byte {
	const hex = "0123456789abcdef"
	to = append(to, '"')
	plain := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		to = append(to, s[plain:i]...)
		if c >= ' ' {
			to = append(to, '\\', c)
		} else {
			to = append(to, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		plain = i + 1
	}
	return append(append(to, s[plain:]...), '"')
}
