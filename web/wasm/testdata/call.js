// node call.js wasm_exec.js elasticctl.wasm: calls the program as a page would.
"use strict";
const fs = require("fs");
require(process.argv[2]);
const go = new Go();
WebAssembly.instantiate(fs.readFileSync(process.argv[3]), go.importObject).then(({instance}) => {
  go.run(instance);
  const demand = new Float64Array(240).map((_, i) => 500 + 4500 * (1 - Math.abs(i - 120) / 120));
  const got = elasticctlReplay({max: 20, initial: 2, target: 50}, demand);
  for (const values of [got.replicas, got.ready]) {
    console.log("[" + [...values].join(" ") + "]");
  }
  console.log(got.replicaHours + " " + got.scaleUps);
  console.log(elasticctlReplay({target: NaN}, demand).error);
  console.log(elasticctlReplay({max: "20"}, demand).error);
  console.log(elasticctlReplay({}, [1, 2]).error);
  process.exit(0);
});
