package main

import "math"

//go:wasmexport filter
func filter(at, size int32) int64 { return answer(isPaid) }

//go:wasmexport transform
func transform(at, size int32) int64 { return answer(summary) }

//go:wasmexport route
func route(at, size int32) int64 { return answer(toCustomer) }

func isPaid(c Change) (any, error) {
	return c.Action != "truncate" && c.Record["status"] == "paid", nil
}

func summary(c Change) (any, error) {
	total, err := c.Record["total"].(Number).Float64()
	return map[string]any{"order": c.Record["id"], "cents": math.Round(total * 100), "table": c.Metadata["table_name"]}, err
}

func toCustomer(c Change) (any, error) {
	key := "customer-" + c.Record["customer"].(Number).String()
	return map[string]any{"key": key, "headers": map[string]any{"action": c.Action}}, nil
}
