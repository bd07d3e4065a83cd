// What the tests add to each page uses: checks as those of scripts/lib.sh, and what must be refused and how.
import assert from 'node:assert/strict'
import { inspect } from 'node:util'

// Prints the outcome of a named check as scripts/lib.sh does.
export async function check(name: string, work: () => unknown) {
  try {
    await work()
    console.log(`ok      ${name}`)
  } catch (error) {
    console.log(`not ok  ${name}`)
    console.log(inspect(error).replace(/^/gm, '        '))
  }
}

export type Refusal = { sqlstate?: string | null; constraint?: string | null; detail?: string | null; hint?: string | null }

// What Postgres says when each client sends the wrong thing once.
const refusals = {
  'a badge awarded twice': {
    sqlstate: '23505', constraint: 'badge_awards_user_badge_key', detail: /^Key .* already exists\.$/, hint: undefined,
  },
  'an overdraft': {
    sqlstate: '23514', constraint: 'user_points_total_points_check', detail: /^User .* has 120 points, the entry's amount is -9000\.$/,
    hint: /^Take at most what the account has\.$/,
  },
  'points for a member of another organization': {
    sqlstate: '23503', constraint: 'points_ledger_account_fkey', detail: /^User .*, organization .*\.$/, hint: /^Points go to members/,
  },
  'a key of another transaction': {
    sqlstate: 'PT409', constraint: 'points_ledger_idempotency_key', detail: /^Key "quiz:7" belongs to entry .*\.$/,
    hint: /^Use a new key for a new transaction/,
  },
  'null for the amount': { sqlstate: '22004', constraint: undefined, detail: undefined, hint: undefined },
  'points recorded by a learner': { sqlstate: '42501', constraint: undefined, detail: undefined, hint: /^Ask an org_admin/ },
}

// Each of the refusals must come, with every field but those that the client is known to drop.
export async function checkRefusals(
  client: string,
  attempts: Record<keyof typeof refusals, () => PromiseLike<unknown>>,
  read: (error: unknown) => Refusal,
  dropped: Partial<Record<keyof typeof refusals, (keyof Refusal)[]>> = {},
) {
  for (const name of Object.keys(refusals) as (keyof typeof refusals)[]) {
    await check(`${client}: ${name} is refused, and the error says how`, async () => {
      const refusal = read(await attempts[name]().then(() => assert.fail('it was not refused'), (error: unknown) => error))
      for (const [field, expected] of Object.entries(refusals[name])) {
        const found = refusal[field as keyof Refusal] || undefined
        const wanted = dropped[name]?.includes(field as keyof Refusal) ? undefined : expected
        if (wanted instanceof RegExp) assert.match(found ?? '', wanted)
        else assert.equal(found, wanted, field)
      }
    })
  }
}
