// Program wasm is pkg/sim for the browser. It gives the page one function,
//
//	elasticctlReplay(settings, demand) → {time, replicas, ready, replicaHours, …}
//
// settings is an object with any of the numbers min, max, initial, target
// (percent), request and capacity (milli-cores), step, sync, ready and
// stabilization (seconds); demand is a Float64Array of milli-cores for all pods
// together, one value per step. What comes back has one entry per sync in three
// Float64Arrays: time (seconds), replicas and ready; and for the whole run
// replicaHours, saturatedSeconds, scaleUps, scaleDowns, directionChanges and
// failedSyncs. Bad input gives {error: "…"} instead.
package main

import (
	"syscall/js"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

func main() {
	js.Global().Set("elasticctlReplay", js.FuncOf(call))
	select {} // the page keeps calling
}

func call(_ js.Value, args []js.Value) any {
	o := js.Global().Get("Object").New()
	if problem := answer(o, args); problem != "" {
		o.Set("error", problem)
	}
	return o
}

// answer fills in what a call returns, or says what is wrong with it.
func answer(o js.Value, args []js.Value) (problem string) {
	array := js.Global().Get("Float64Array")
	if len(args) != 2 || args[0].Type() != js.TypeObject || !args[1].InstanceOf(array) {
		return "elasticctlReplay takes an object of settings and a Float64Array of demand"
	}
	s := defaults()
	for i, name := range settingNames() {
		switch v := args[0].Get(name); v.Type() {
		case js.TypeUndefined:
		case js.TypeNumber:
			s[i] = v.Float()
		default:
			return name + " is not a number"
		}
	}
	demand := make([]float64, args[1].Length())
	for i := range demand {
		demand[i] = args[1].Index(i).Float()
	}
	columns, score, err := replay(&s, demand)
	if err != nil {
		return err.Error()
	}
	for i, name := range columnNames() {
		column := array.New(len(columns[i]))
		for j, v := range columns[i] {
			column.SetIndex(j, v)
		}
		o.Set(name, column)
	}
	for i, v := range totals(&score) {
		o.Set(totalNames()[i], v)
	}
	return ""
}

// columnNames are the columns' names in JavaScript.
func columnNames() [columnCount]string { return [...]string{"time", "replicas", "ready"} }

// totals are the numbers of the whole run, totalNames their names in JavaScript.
func totals(s *sim.Score) [6]float64 {
	return [...]float64{
		s.ReplicaHours(), s.Saturated.Seconds(), float64(s.ScaleUps), float64(s.ScaleDowns),
		float64(s.DirectionChanges), float64(s.FailedSyncs),
	}
}

func totalNames() [6]string {
	return [...]string{
		"replicaHours", "saturatedSeconds", "scaleUps", "scaleDowns", "directionChanges", "failedSyncs",
	}
}
