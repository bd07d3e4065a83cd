import assert from 'node:assert/strict'
import { check, checkRefusals } from './check.ts'

const { data: sam } = await service.from('users').select('id, organization_id').eq('email', 'sam@birch.example').single().throwOnError()
const { data: home } = await service.from('users').select('organization_id').eq('id', ana.id).single().throwOnError()
const enter = (data: { amount: number; organization_id?: string }) => service.from('points_ledger')
  .insert({ user_id: ana.id, transaction_type: 'quiz_passed', reason: 'Quiz', ...data })
const record = (client: typeof service, amount: number) => client.rpc('record_points_transaction', {
  user_id: ana.id, amount, transaction_type: 'quiz_passed', reason: 'Quiz', idempotency_key: 'quiz:7',
})

type Answer = { error: { code: string; details: string; hint: string } | null }
const attempt = async (answer: PromiseLike<Answer>) => {
  const { error } = await answer
  if (error) throw error
}

function read(error: unknown) {
  const { code, details, hint } = error as NonNullable<Answer['error']>
  return { sqlstate: code, detail: details, hint }
}

await checkRefusals('supabase-js', {
  'a badge awarded twice': () => attempt(award()),
  'an overdraft': () => attempt(enter({ amount: -9000 })),
  'points for a member of another organization': () => attempt(enter({ amount: 5, organization_id: sam.organization_id })),
  'a key of another transaction': async () => {
    await record(service, 1)
    return attempt(record(service, 2))
  },
  // @ts-expect-error the types know that the amount is no null
  'null for the amount': () => attempt(record(service, null)),
  'points recorded by a learner': () => attempt(record(asAna, 2)),
}, read, {
  'a badge awarded twice': ['constraint'],
  'an overdraft': ['constraint'],
  'points for a member of another organization': ['constraint'],
  'a key of another transaction': ['constraint'],
})

await check('supabase-js: a conflict is answered with 409, what is not allowed with 403', async () => {
  assert.deepEqual([(await record(service, 2)).status, (await award()).status, (await record(asAna, 2)).status], [409, 409, 403])
})

await check('supabase-js: a transaction repeated under its key finds the first entry', async () => {
  assert.equal((await record(service, 1)).data?.is_new, false)
})

await check('supabase-js: an upsert names the key with the organization', async () => {
  const grant = async () => (await service.from('user_roles')
    .upsert({ organization_id: home.organization_id, user_id: ana.id, role: 'trainer' }, { onConflict: 'organization_id,user_id,role' })
    .select('id').single().throwOnError()).data
  assert.deepEqual(await grant(), await grant())
})

await check('supabase-js: who asks as a user sees what that user may see', async () => {
  await service.from('points_ledger').insert({ user_id: sam.id, amount: 5, transaction_type: 'welcome', reason: 'Welcome' })
  const { data } = await asAna.from('points_ledger').select('user_id').throwOnError()
  assert.deepEqual(new Set(data.map(({ user_id }) => user_id)), new Set([ana.id]))
})

// What the guides do, in the name of the administrator: each call has the types that its result has.
const asOlga = asUser(process.env.OLGA ?? '')
const user_id = ana.id

await check('supabase-js: courses and points as in the guides', async () => {
  const { data: course } = await asOlga.from('courses').insert({ name: 'Joins', trainer_id: user_id }).select('id').single().throwOnError()
  await asOlga.from('enrollments').insert({ user_id, course_id: course.id }).throwOnError()
  const quiz = { user_id, amount: 20, transaction_type: 'quiz_passed', reference_type: 'Course', reference_id: course.id }
  const { data: posted } = await asOlga.rpc('record_points_transactions', {
    transactions: [{ ...quiz, idempotency_key: 'quiz:8' }, { ...quiz, idempotency_key: 'quiz:8' }],
  }).throwOnError()
  assert.deepEqual(posted.map(({ position, is_new }) => [position, is_new]), [[1, true], [2, false]])
  const { data: entry } = await asOlga.from('points_ledger').select('id, balance_after').eq('idempotency_key', 'quiz:8').single().throwOnError()
  const { data: reversed } = await asOlga.rpc('reverse_points_transaction', { entry_id: entry.id, reason: 'A mistake' }).throwOnError()
  assert.equal(reversed.balance_after, entry.balance_after - 20)
  const { data: balance } = await asOlga.rpc('balance_at', { user_id, at: '2020-01-01T00:00:00Z' }).throwOnError()
  assert.equal(balance, 0)
})

await check('supabase-js: streaks, ranks, badges and notifications as in the guides', async () => {
  const { data: streaks } = await asAna.rpc('record_activity').throwOnError()
  assert.equal(streaks.current_streak, (await asAna.rpc('streak_of').throwOnError()).data)
  assert.equal((await asAna.rpc('rank_of', { user_id, period: 'weekly' }).throwOnError()).data, 1)
  const { data: revoked } = await asOlga.rpc('revoke_badge_named', { user_id, slug: 'first-course', reason: 'Cancelled' }).throwOnError()
  assert.equal(revoked.points, 100)
  await asOlga.rpc('notify', { user_id, type: 'news', title: 'News', data: { place: 'Alder' }, channels: ['email'] }).throwOnError()
  const { data: unread } = await asAna.rpc('unread_notifications').throwOnError()
  assert.equal((await asAna.rpc('mark_notifications_read').throwOnError()).data, unread)
  const { data: notification } = await asAna.from('notifications').select('title, data, read_at').eq('type', 'news').single().throwOnError()
  assert.ok(notification.read_at)
})

await check('supabase-js: teams, people, webhooks and proofs as in the guides', async () => {
  const { data: team } = await asOlga.from('teams').insert({ name: 'Red' }).select('id').single().throwOnError()
  await asOlga.from('team_memberships').insert({ team_id: team.id, user_id, role: 'leader' }).throwOnError()
  await asAna.rpc('choose_team', { team_id: team.id }).throwOnError()
  assert.equal((await asAna.rpc('team_role', { team_id: team.id }).throwOnError()).data, 'leader')
  const { data: invitation } = await asOlga.rpc('invite_member', { email: 'ida@elm.example', roles: ['learner'] }).throwOnError()
  await asOlga.rpc('withdraw_invitation', { invitation_id: invitation }).throwOnError()
  const { data: endpoint } = await asOlga.rpc('create_webhook_endpoint', { url: 'https://alder.example/hook' }).throwOnError()
  assert.match(endpoint.secret ?? '', /^whsec_/)
  assert.deepEqual((await service.rpc('verify_ledger').throwOnError()).data.map(({ problem }) => problem), [])
})

// What the types know: composite results, lists, embedded people, what may be left out and what may not.
const awarded: number | null | undefined = (await award()).data?.balance_after
const names: (string | null | undefined)[] = leaders.map((line) => line.display_name)
void [awarded, names]
// @ts-expect-error there is no such column
void (() => service.from('points_ledger').select('balance').single().then(({ data }) => data!.balance))
// @ts-expect-error an entry needs an amount
void (() => service.from('points_ledger').insert({ user_id: ana.id, transaction_type: 'x' }))
// @ts-expect-error there is no such function
void (() => service.rpc('award_bagde'))
// @ts-expect-error there is no such argument
void (() => service.rpc('leaderboard', { perod: 'weekly' }))
