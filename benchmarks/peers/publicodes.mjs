// publicodes: the same three fees, rounded to two decimals by its own mechanism; one engine for all cases.
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const { default: Engine } = await import(pathToFileURL(`${process.env.PEERS_NODE}/node_modules/publicodes/dist/index.js`))
const { tranches, asked, held } = JSON.parse(readFileSync(process.env.PEERS_SCHEDULE))

const counts = asked.map((_, n) => `t${n + 1}`)
const rules = {
  turnover: null,
  ...Object.fromEntries(counts.map((name) => [name, null])),
  exact: {
    barème: {
      assiette: 'turnover',
      tranches: tranches.map(([, upper, rate]) => ({ taux: `${rate / 1000}%`, ...(upper ? { plafond: upper } : {}) })),
    },
  },
  instruction: { somme: [500, ...asked.map((price, n) => `t${n + 1} * ${price}`)] },
  usage: { valeur: 'exact', arrondi: '2 décimales', plancher: 180, plafond: 40000 },
  control: { somme: [125, ...held.map((price, n) => `t${n + 1} * ${price}`)] },
}
const engine = new Engine(rules)
const FEES = ['instruction', 'usage', 'control']

function single([turnover, values]) {
  const situation = { turnover: turnover / 100 }
  values.forEach((count, n) => (situation[`t${n + 1}`] = count))
  engine.setSituation(situation)
  return FEES.map((name) => Math.round(engine.evaluate(name).nodeValue * 100))
}

const [mode, argument] = process.argv.slice(2)
const now = () => Number(process.hrtime.bigint()) / 1e9
let outcome
if (mode === 'cold') outcome = { answer: single([80000000, [5, 3, 0, 0, 0, 0, 0]]) }
else {
  const cases = JSON.parse(readFileSync(argument))
  if (mode === 'answers') outcome = { answers: cases.map(single) }
  else {
    single(cases[0])
    const times = []
    const started = now()
    for (const one of cases) {
      const before = now()
      single(one)
      times.push(now() - before)
      if (now() - started > 10) break
    }
    const seconds = now() - started
    times.sort((a, b) => a - b)
    outcome = {
      latency_us: times[times.length >> 1] * 1e6,
      rows_per_s: times.length / seconds,
      peak_mb: process.resourceUsage().maxRSS / 1024,
    }
  }
}
console.log(JSON.stringify(outcome))
