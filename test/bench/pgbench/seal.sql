SELECT laurel.seal_ledger();
