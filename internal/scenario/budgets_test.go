package scenario

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/elasticctl/elasticctl/pkg/sim"
)

// budgeted is a simulation file with prices and budgets, on the manifests of web.
const budgeted = web + `
-- sim.yaml --
apiVersion: elasticctl.dev/v1alpha1
kind: Simulation
metadata: {name: budgeted}
spec:
  autoscaler: {manifest: [web/hpa.yaml, web/deployment.yaml]}
  demand:
  - {metric: {type: Resource, name: cpu, container: app}, values: [500, 700]}
  prices: {coreHour: 0.05}
  budgets:
  - saturatedMinutes <= 5
  - cost <= 1
`

// texts are budgets as they were written.
func texts(list []sim.Budget) []string {
	var all []string
	for _, b := range list {
		all = append(all, b.Text)
	}
	return all
}

func TestBudgetsOfFileAndRequestAddUp(t *testing.T) {
	files(t, budgeted)
	more, err := ParseBudget("thrash == 0")
	if err != nil {
		t.Fatal(err)
	}
	replays, err := Load(Request{Files: []string{"sim.yaml"}, Versions: []string{"1.30", "1.37"}, Budgets: []sim.Budget{more}})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range replays {
		if diff := cmp.Diff([]string{"saturatedMinutes <= 5", "cost <= 1", "thrash == 0"}, texts(r.Budgets)); diff != "" {
			t.Errorf("%s: budgets (-want +got):\n%s", r.Name, diff)
		}
	}
}

func TestPriceOfAPodIsThatOfItsRequests(t *testing.T) {
	files(t, budgeted)
	r := load(t, Request{Files: []string{"sim.yaml"}})
	// 500m and 100m at 0.05.
	if got := r.World.PodHourPrice; got < 0.03-1e-12 || got > 0.03+1e-12 {
		t.Errorf("a pod-hour costs %v, want 0.03", got)
	}
	if notes := strings.Join(r.Notes, "\n"); !strings.Contains(notes, "price of a pod-hour: 0.03, the requests of 0.6 cores at 0.05") {
		t.Errorf("notes do not tell the price:\n%s", notes)
	}
	hour := 2.5
	if r := load(t, Request{Files: []string{"sim.yaml"}, Prices: &Prices{PodHour: &hour}}); r.World.PodHourPrice != hour {
		t.Errorf("a pod-hour costs %v, want %v as requested", r.World.PodHourPrice, hour)
	}
}

func TestParsePrices(t *testing.T) {
	p, err := ParsePrices([]string{"coreHour=0.04", "gibHour=5e-3"})
	if err != nil || p.PodHour != nil || *p.CoreHour != 0.04 || *p.GiBHour != 0.005 {
		t.Errorf("%+v, %v", p, err)
	}
	for text, want := range map[string]string{
		"podHour":             `"podHour": write podHour=0.05, or coreHour=0.04,gibHour=0.005`,
		"podHour=":            `"podHour=": write podHour=0.05, or coreHour=0.04,gibHour=0.005`,
		"podHour=NaN":         `"podHour=NaN": write podHour=0.05, or coreHour=0.04,gibHour=0.005`,
		"podHour=1e400":       `"podHour=1e400": write podHour=0.05, or coreHour=0.04,gibHour=0.005`,
		"podHour=0":           "podHour: 0 is no price; write a positive number, or leave it out",
		"podHour=-1":          "podHour: -1 is no price; write a positive number, or leave it out",
		"gibHour=1e10":        "gibHour: 1e+10 is no price; write a positive number, or leave it out",
		"podhour=1":           `unknown price "podhour"; write podHour, coreHour or gibHour; did you mean podHour?`,
		"podHour=1 podHour=1": "podHour is given twice; remove one",
		"podHour=1 gibHour=1": "podHour: a pod has a price of its own or that of what it requests, not both; remove podHour, or coreHour and gibHour",
	} {
		if _, err := ParsePrices(strings.Fields(text)); err == nil || err.Error() != want {
			t.Errorf("%q:\n got  %v\n want %s", text, err, want)
		}
	}
}

func TestBudgetsOnWhatIsNotKnownAreRefused(t *testing.T) {
	for _, tt := range []struct{ name, old, text, want string }{
		{"no price", "  prices: {coreHour: 0.05}\n", "", "sim.yaml:10:5: cost is not known: no price is given; give spec.prices, or --price podHour=NUMBER"},
		{"no memory request", "coreHour", "gibHour", "sim.yaml:8:21: the pods request no memory, so its price gives no cost; give the containers a request, or price the pod with podHour"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files(t, strings.Replace(budgeted, tt.old, tt.text, 1))
			_, err := Load(Request{Files: []string{"sim.yaml"}})
			if err == nil || err.Error() != tt.want {
				t.Errorf("error\n %v\nwant\n %s", err, tt.want)
			}
		})
	}
}

// TestWhatEachTermNeeds asks every term of a world that says nothing.
func TestWhatEachTermNeeds(t *testing.T) {
	files(t, strings.NewReplacer(
		"type: Resource, name: cpu, container: app", "type: External, name: queue",
		"type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}",
		`type: External, external: {metric: {name: queue}, target: {type: Value, value: "100"}}`,
		"  prices: {coreHour: 0.05}\n  budgets:\n  - saturatedMinutes <= 5\n  - cost <= 1\n", "",
	).Replace(budgeted))
	for _, term := range sim.Terms() {
		b, err := ParseBudget(term.Name + " <= 1")
		if err != nil {
			t.Fatal(err)
		}
		_, err = Load(Request{Files: []string{"sim.yaml"}, Budgets: []sim.Budget{b}})
		if (err == nil) != (term.Needs == sim.NeedsNothing) {
			t.Errorf("%s: %v", term.Name, err)
		}
		if err != nil && !strings.Contains(err.Error(), "--budget \""+b.Text+"\": budgeted: "+term.Name+" is not known: ") {
			t.Errorf("%s: %v", term.Name, err)
		}
	}
}
