/**
 * Brings a fresh database to the state that every test database is copied from.
 * @param _ownerUrl role that owns the schema, for migrations
 * @param _applicationUrl role that the service works as
 */
export async function prepareTemplate(_ownerUrl: string, _applicationUrl: string): Promise<void> {
  // Nothing yet: there are no migrations.
}
