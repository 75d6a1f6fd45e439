/** The types of token that this installation has: a rule for another would limit nothing. */
export abstract class ShareTypes {
  abstract readonly names: readonly string[];
}
