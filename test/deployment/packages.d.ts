declare module 'composeverter' {
  export function getDockerComposeSchemaWithoutFormats(): object;
}
