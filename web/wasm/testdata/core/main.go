// Command core links pkg/sim and nothing else: what the simulator itself weighs.
package main

import "github.com/elasticctl/elasticctl/pkg/sim"

func main() {
	var w sim.World
	if err := w.Validate(); err != nil {
		println(err.Error())
		return
	}
	score := w.Run(func(t *sim.Tick) bool {
		println(t.Decision.Desired)
		return true
	})
	println(score.ReplicaMillis)
}
