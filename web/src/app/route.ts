/** What an address shows. */

export type Route =
  | {
      kind: 'editor';
      embedded: boolean;
      language: string | undefined;
      code: string | undefined;
      query: URLSearchParams;
    }
  | { kind: 'snippet'; embedded: boolean; id: string }
  | { kind: 'nothing' };

export function routeOf(location: { pathname: string; search: string; hash: string }): Route {
  const [, view = '', id = '', ...more] = location.pathname.split('/');
  const query = new URLSearchParams(location.search);
  const embedded = view === 'embed';
  if (more.length > 0) return { kind: 'nothing' };
  if ((view === 's' || embedded) && /^[\w-]{1,64}$/.test(id) && !(embedded && id === 'code')) {
    return { kind: 'snippet', embedded, id };
  }
  if (location.pathname !== '/' && !(embedded && id === 'code')) return { kind: 'nothing' };
  const [, code] = /^#code=([\w-]+)$/.exec(location.hash) ?? [];
  return { kind: 'editor', embedded, language: query.get('language') ?? undefined, code, query };
}
