// A reply's JSON in a test, which checks what it reads: the one place where `any` is let in.

// biome-ignore lint/suspicious/noExplicitAny: the assertions are the types.
export async function readJson(reply: Response | Promise<Response>): Promise<any> {
  return await (await reply).json()
}
