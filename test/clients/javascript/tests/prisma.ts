import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import pg from 'pg'
import { PrismaClient as ApplicationClient, type Prisma as Application } from './application/client.ts'
import { check, checkRefusals } from './check.ts'

const sam = await asService((tx) => tx.users.findUniqueOrThrow({ where: { email: 'sam@birch.example' } }))
const enter = (data: { amount: number; organization_id?: string }) => asService((tx) => tx.points_ledger.create({
  data: { user_id: ana.id, transaction_type: 'quiz_passed', reason: 'Quiz', ...data },
}))
const record = (tx: Prisma.TransactionClient, amount: number | null) => tx.$queryRaw<{ is_new: boolean }[]>`
  SELECT * FROM laurel.record_points_transaction(
    ${ana.id}::uuid, ${amount}::bigint, 'quiz_passed', reason => 'Quiz', idempotency_key => 'quiz:7')`

function read(error: unknown) {
  assert.ok(error instanceof Prisma.PrismaClientKnownRequestError)
  const { originalCode, constraint, detail, hint } = cause(error)
  return { sqlstate: originalCode, constraint: constraint?.index, detail, hint }
}

// Prisma keeps the constraint of those SQLSTATEs alone that it has a code for, and of these neither detail nor hint.
await checkRefusals('Prisma', {
  'a badge awarded twice': award,
  'an overdraft': () => enter({ amount: -9000 }),
  'points for a member of another organization': () => enter({ amount: 5, organization_id: sam.organization_id }),
  'a key of another transaction': async () => {
    await asService((tx) => record(tx, 1))
    return asService((tx) => record(tx, 2))
  },
  'null for the amount': () => asService((tx) => record(tx, null)),
  'points recorded by a learner': () => asUser(ana.id, (tx) => record(tx, 2)),
}, read, {
  'a badge awarded twice': ['detail'],
  'an overdraft': ['constraint'],
  'points for a member of another organization': ['detail', 'hint'],
  'a key of another transaction': ['constraint'],
})

await check('Prisma: a transaction repeated under its key finds the first entry', async () => {
  assert.equal((await asService((tx) => record(tx, 1)))[0].is_new, false)
})

await check('Prisma: an upsert names the key with the organization', async () => {
  const role = { organization_id: ana.organization_id, user_id: ana.id, role: 'trainer' }
  const grant = () => asService((tx) => tx.user_roles.upsert({
    where: { organization_id_user_id_role: role }, create: role, update: {},
  }))
  assert.equal((await grant()).id, (await grant()).id)
})

await check('Prisma: many rows at once, and what they come to', async () => {
  const many = await asService((tx) => tx.points_ledger.createManyAndReturn({
    data: [1, 2, 3].map((amount) => ({ user_id: ana.id, amount, transaction_type: 'quiz_passed', reason: 'Quiz' })),
  }))
  const account = await asService((tx) => tx.user_points.findFirstOrThrow({
    where: { user_id: ana.id }, include: { user_organizations: true },
  }))
  assert.equal(many.at(-1)?.balance_after, account.total_points)
})

await check('Prisma: who asks as a user sees what that user may see', async () => {
  await asService((tx) => tx.points_ledger.create({
    data: { user_id: sam.id, amount: 5, transaction_type: 'welcome', reason: 'Welcome' },
  }))
  const owners = await asUser(ana.id, (tx) => tx.points_ledger.findMany({ distinct: ['user_id'], select: { user_id: true } }))
  assert.deepEqual(owners, [{ user_id: ana.id }])
})

// What an application's own models do, in the name of the administrator.
const application = new ApplicationClient({ adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL }) })
const asOlga = <T>(work: (tx: Application.TransactionClient) => Promise<T>) => application.$transaction(async (tx) => {
  await tx.$executeRaw`SET LOCAL ROLE service_role`
  await tx.$executeRaw`SELECT laurel.set_context(id) FROM laurel.users WHERE email = 'olga@alder.example'`
  return work(tx)
})

await check('Prisma, models of an application: a year of school is written and read', () => asOlga(async (tx) => {
  await tx.organization.create({ data: { name: 'Cedar School', domain: 'cedar.example' } })
  const user = await tx.user.create({ data: { email: 'ida@alder.example', fullName: 'Ida Berg' } })
  const { organizationId, id: userId } = user
  const course = await tx.course.create({ data: { name: 'Joins', trainerId: userId } })
  const courseId = course.id
  const date = new Date('2026-11-20')
  await tx.userRole.upsert({
    where: { organizationId_userId_role: { organizationId, userId, role: 'trainer' } }, create: { userId, role: 'trainer' }, update: {},
  })
  for (const progressPercent of [1, 50]) {
    await tx.enrollment.upsert({
      where: { organizationId_userId_courseId: { organizationId, userId, courseId } },
      create: { userId, courseId, progressPercent }, update: { progressPercent },
    })
  }
  await tx.pointTransaction.create({ data: { userId, points: 50, activityType: 'quiz', metadata: { quiz: 7 } } })
  await tx.pointTransaction.createMany({ data: [5, 5].map((points) => ({ userId, points, activityType: 'quiz' })) })
  await tx.achievement.create({
    data: { id: 'joined', name: 'Joined', description: 'Joins', icon: '*', tier: 'elite', criteria: {} },
  })
  await tx.achievement.update({ where: { id: 'joined' }, data: { name: 'Well joined' } })
  await tx.userAchievement.create({ data: { userId, achievementId: 'joined' } })
  for (const hour of [10, 11]) {
    const lastActivityAt = new Date(`2026-11-20T${hour}:00:00Z`)
    await tx.dailyActivity.upsert({
      where: { organizationId_userId_date: { organizationId, userId, date } },
      create: { userId, date, lastActivityAt }, update: { lastActivityAt },
    })
  }
  await tx.userPreferences.upsert({ where: { userId }, create: { userId }, update: { leaderboardPrivacy: 'anonymous' } })

  const read = await tx.user.findUniqueOrThrow({
    where: { email: 'ida@alder.example' },
    include: {
      organization: true, roles: true, userPoints: true, preferences: true, dailyActivity: true,
      enrollments: { include: { course: true } }, pointTransactions: true, userAchievements: { include: { achievement: true } },
    },
  })
  assert.equal(read.organization.name, 'Alder Academy')
  assert.deepEqual(read.roles.map(({ role }) => role), ['trainer'])
  assert.deepEqual(read.userPoints.map(({ totalPoints }) => totalPoints), [60n])
  assert.equal(read.preferences?.leaderboardPrivacy, 'anonymous')
  assert.deepEqual(read.dailyActivity.map(({ lastActivityAt }) => lastActivityAt.getUTCHours()), [11])
  assert.deepEqual(read.enrollments.map(({ course, progressPercent }) => [course.name, progressPercent.toNumber()]), [['Joins', 50]])
  assert.equal(read.pointTransactions.length, 3)
  assert.deepEqual(read.userAchievements.map(({ achievement }) => achievement.name), ['Well joined'])
  await tx.user.delete({ where: { id: userId } })
}))

await check('Prisma, models of an application: balances are not written', () => assert.rejects(
  asOlga((tx) => tx.userPoints.updateMany({ data: { totalPoints: { increment: 5 } } })),
  (error) => read(error).constraint === 'user_points_follow_ledger',
))
await check('Prisma, models of an application: a view takes no upsert', () => assert.rejects(
  asOlga((tx) => tx.achievement.upsert({
    where: { id: 'joined' }, update: { name: 'J' },
    create: { id: 'joined', name: 'J', description: 'J', icon: '*', tier: 'elite', criteria: {} },
  })),
  (error) => read(error).sqlstate === '42P10',
))

// A trigger refuses an activity with the SQLSTATE that is its name. Codes in a row of the table are in the order of the states, or one
// for all, or one for all but another.
await check('Prisma: docs/clients.md says the code of each SQLSTATE', async () => {
  const owner = new pg.Client({ connectionString: process.env.DATABASE_URL?.replace('laurel_app', 'postgres') })
  await owner.connect()
  await owner.query(`
    CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = NEW.name; END $$;
    CREATE TRIGGER refuse BEFORE INSERT ON laurel.activities FOR EACH ROW EXECUTE FUNCTION public.refuse()`)
  await owner.end()
  const cells = readFileSync('docs/clients.md', 'utf8').split('\n').map((line) => line.split('|').map((cell) => cell.trim()))
  const place = cells.find((row) => row[1] === 'SQLSTATE')!.indexOf('Prisma')
  const rows = cells.filter((row) => /^[0-9A-Z]{5}(, [0-9A-Z]{5})*$/.test(row[1] ?? ''))
  const said = rows.flatMap((row) => row[1].split(', ').map((state, n, states) => {
    const codes = row[place].split('; ')[0].split(', ')
    const own = row[place].match(`(P\\d+) of ${state}`)?.[1]
    return [state, own ?? codes[states.length === codes.length ? n : 0]]
  }))
  const codeOf = (name: string) => asService((tx) => tx.activities.create({ data: { name } })).catch(({ code }) => code as string)
  const found = []
  for (const [state] of said) found.push([state, await codeOf(state)])
  assert.deepEqual(said, found)
  assert.ok(found.length > 20)
})

await application.$disconnect()
await prisma.$disconnect()
