# ActiveRecord: each wrong thing once, and the class that its error has. The wrong things come from people.py.
require "active_record"
require "json"

CLASSES = { "23505" => ActiveRecord::RecordNotUnique, "23503" => ActiveRecord::InvalidForeignKey, "23502" => ActiveRecord::NotNullViolation }

def check(name, have, want)
  abort("#{name}\n  have: #{have.inspect}\n  want: #{want.inspect}") unless have == want
end

def run(statement)
  ActiveRecord::Base.transaction do
    c = ActiveRecord::Base.connection
    c.execute("SET LOCAL ROLE service_role")
    c.execute(statement).values
  end
end

def field(error, name)
  error.cause.result.error_field(PG.const_get("PG_DIAG_#{name}"))
end

wanted = JSON.parse(`/usr/bin/python3 test/clients/people.py`)
ActiveRecord::Base.establish_connection(ENV["DATABASE_URL"])
people = run(wanted["people"]).to_h.transform_keys(&:to_sym)
wanted["first"].each { |statement| run(statement.gsub(/\{(.*?)\}/) { people[$1.to_sym] }) }
wanted["wrong"].each do |name, (statement, state, constraint, detail, hint)|
  run(statement.gsub(/\{(.*?)\}/) { people[$1.to_sym] })
  check(name, "no error", "an error")
rescue ActiveRecord::StatementInvalid => e
  check("#{name}: class", e.class, CLASSES.fetch(state, ActiveRecord::StatementInvalid))
  check(name, %w[SQLSTATE CONSTRAINT_NAME MESSAGE_HINT].map { |part| field(e, part) }, [state, constraint, hint])
  check("#{name}: detail", (field(e, "MESSAGE_DETAIL") || "")[0, (detail || "").length], detail || "")
end
wanted["classes"].each do |state, name|
  run(wanted["raise"].sub("{}", state))
rescue ActiveRecord::StatementInvalid => e
  check("docs/clients.md: class of #{state}", name, e.class.name.sub("ActiveRecord::", ""))
end
