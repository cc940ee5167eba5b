/** Of the second run of the contract's specs: `ContractService` reads it. */
process.env.ENGINE = 'broadworks';
