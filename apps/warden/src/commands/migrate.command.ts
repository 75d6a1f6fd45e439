import { defineCommand } from '../command.js';

export const migrate = defineCommand({
  name: 'migrate',
  summary: "Brings the database to this release's schema, as npm run db:migrate does.",
  notes: ['Needs DATABASE_URL, and DATABASE_OWNER_URL where another role owns the schema.'],
  options: {},
  async run(_values, _operands, surroundings) {
    return (await surroundings.migrate()) === 0 ? 0 : 1;
  },
});
