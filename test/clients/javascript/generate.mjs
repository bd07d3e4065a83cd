// Writes docs/clients/laurel.ts and laurel.prisma from a migrated database into a folder: generate.mjs FOLDER.
// DATABASE_URL names the database. Supabase's generator is the one behind `supabase gen types`; the engine is the one behind
// `prisma db pull`, in WebAssembly, because the program that the Prisma command line wants is no npm package.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils'
import { SchemaEngine } from '@prisma/schema-engine-wasm'
import { generateTypescript, sortGeneratorMetadata } from '@supabase/postgrest-typegen/generation'
import { introspect } from '@supabase/postgrest-typegen/introspection'
import pg from 'pg'

const folder = process.argv[2]
const connectionString = process.env.DATABASE_URL
const origin = '// Generated from a migrated database by test/clients/run-javascript.sh --write.\n\n'

async function supabaseTypes() {
  const pool = new pg.Pool({ connectionString })
  const database = await introspect(pool, { includedSchemas: ['laurel'] })
  await pool.end()
  return generateTypescript(sortGeneratorMetadata(database), {
    defaultSchema: 'laurel', detectOneToOneRelationships: true, postgrestVersion: '14',
  })
}

const { builtins } = pg.types

// Prisma's adapter refuses columns of type "char", of which the engine reads some in the catalogue: the pool passes them off as
// lists of it, and the adapter hands them on as what they are.
class CatalogPool extends pg.Pool {
  async query(...query) {
    const result = await super.query(...query)
    for (const field of result.fields ?? []) {
      if (field.dataTypeID === builtins.CHAR) field.dataTypeID = 1002
    }
    return result
  }
}

class CatalogAdapter extends PrismaPg {
  async connect() {
    const adapter = await super.connect()
    const queryRaw = adapter.queryRaw.bind(adapter)
    adapter.queryRaw = async (query) => {
      const result = await queryRaw(query)
      const columnTypes = result.columnTypes.map((type) =>
        type === ColumnTypeEnum.CharacterArray ? ColumnTypeEnum.Character : type)
      return { ...result, columnTypes }
    }
    return adapter
  }
}

const beforePull = `generator client {
  provider = "prisma-client"
  output   = "./generated"
}

datasource db {
  provider = "postgresql"
  schemas  = ["laurel"]
}
`

// The way from an account to its member's team is one-to-one to Prisma, which wants its key unique; it is, as a part of it is.
function withTeamKey(schema) {
  const end = /(?<=^model user_points \{.*?)(?=^  @@schema)/ms
  if (!end.test(schema)) throw new Error('there is no model user_points')
  return schema.replace(end, '  @@unique([organization_id, team_id, user_id])\n')
}

// An organization has a column of settings, and rows of them, which want another name.
function withSettingsRows(schema) {
  const rows = /^  settings     ( +)settings\[\]$/m
  if (!rows.test(schema)) throw new Error('organizations have no rows of settings')
  return schema.replace(rows, '  settings_rows$1settings[]')
}

async function prismaSchema() {
  globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message: console.error }
  const adapter = bindMigrationAwareSqlAdapterFactory(new CatalogAdapter(new CatalogPool({ connectionString })))
  const engine = await SchemaEngine.new({ datamodels: [['schema.prisma', beforePull]] }, () => {}, adapter)
  const pulled = await engine.introspect({
    schema: { files: [{ path: 'schema.prisma', content: beforePull }] },
    baseDirectoryPath: '/', force: true, compositeTypeDepth: -1, namespaces: ['laurel'],
  })
  return withSettingsRows(withTeamKey(pulled.schema.files[0].content))
}

await writeFile(join(folder, 'laurel.ts'), origin + await supabaseTypes())
await writeFile(join(folder, 'laurel.prisma'), origin + await prismaSchema())
process.exit()
