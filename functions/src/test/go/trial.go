package main

import (
	"errors"
	"os"
	"time"
)

// What transform does is what the record says: for tests of what Go and its helper do.

//go:wasmexport transform
func transform(at, size int32) int64 { return answer(try) }

var calls = 0

func try(c Change) (any, error) {
	calls++
	switch c.Record["do"] {
	case "calls":
		return calls, nil
	case "fail":
		return nil, errors.New("no such customer")
	case "panic":
		return c.Record["list"].([]any)[5], nil
	case "assert":
		return c.Record["missing"].(string), nil
	case "exit":
		os.Exit(3)
	case "print":
		os.Stdout.WriteString("to the log: ")
		println("and here")
		os.Stdout.WriteString(c.Action + "\n")
	case "sleep":
		time.Sleep(time.Hour)
	case "memory":
		var all [][]byte
		for {
			all = append(all, make([]byte, 16<<20))
			println(len(all))
		}
	case "file":
		_, err := os.ReadFile("/etc/passwd")
		return nil, err
	case "environment":
		return os.Getenv("PATH"), nil
	case "bytes":
		return "\xff", nil
	case "type":
		return struct{}{}, nil
	case "types":
		return []any{int64(-1), uint32(2), float32(0.5), []string{"a"}, map[string]string{"b": "c"}, 1e300, 1e15, 0.1}, nil
	}
	return c.Record, nil
}
