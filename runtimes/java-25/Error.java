/** Does not compile, so that what javac needs for complaining gets into the archive. */
class Error { int number = ""; }
