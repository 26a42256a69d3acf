// In place of the library with which AWS's client reads the name of a browser that it runs in.
export const parse = () => {
  throw new Error('The names of browsers are not part of this build.');
};
export default { parse };
