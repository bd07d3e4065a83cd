// A receiver of webhooks that asks the library of Standard Webhooks whether they are signed. Usage: node verify_webhooks.cjs LOG;
// the secrets are in WEBHOOK_SECRETS. The first line printed is its port; the log has a line for each request: the id, the
// path and how many of the secrets the library says it is signed with.
const fs = require("node:fs");
const http = require("node:http");
const { Webhook } = require("standardwebhooks");

const isSigned = (secret, body, headers) => {
    try {
        new Webhook(secret).verify(body, headers);
        return true;
    } catch {
        return false;
    }
};

const server = http.createServer((request, response) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
        const body = Buffer.concat(parts).toString();
        const signed = process.env.WEBHOOK_SECRETS.split(" ").filter((secret) => isSigned(secret, body, request.headers));
        const forged = process.env.WEBHOOK_SECRETS.split(" ").filter((secret) => isSigned(secret, body + " ", request.headers));
        fs.appendFileSync(process.argv[2], `${request.headers["webhook-id"]} ${request.url} signed${signed.length} forged${forged.length}\n`);
        response.end();
    });
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
