/**
 * In the functions' bundles this stands in for the SDK's search for credentials, of which Lambda needs one step: the
 * role's credentials are in the environment, and good for as long as it runs. The rest, sign-on portals and
 * profiles among it, is a quarter of a bundle and of its cold load. What runs from source has all of it.
 */
export const defaultProvider = () => async () => {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = process.env;
  if (!accessKeyId || !secretAccessKey) {
    throw new Error("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set: this bundle was made for Lambda");
  }
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
};
