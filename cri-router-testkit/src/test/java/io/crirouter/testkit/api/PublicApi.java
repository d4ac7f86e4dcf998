package io.crirouter.testkit.api;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toCollection;

import com.google.common.hash.Hashing;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The public API of a module: each public type outside its internal packages with the names of its
 * public and protected members. The fingerprint behind a type changes with any signature.
 */
final class PublicApi {
  private static final int WIDTH = 100;
  private static final Set<String> OF_EVERY_OBJECT = Set.of("equals", "hashCode", "toString");
  private static final Set<String> OF_EVERY_ENUM = Set.of("valueOf", "values");

  private PublicApi() {}

  /**
   * The table of the module that has the class {@code member}.
   *
   * @throws IOException if the classes of the module cannot be read
   */
  static String ofModuleWith(Class<?> member) throws IOException {
    StringBuilder table = new StringBuilder();
    for (Class<?> type : publicTypes(member)) {
      table.append(describe(type));
    }
    return table.toString();
  }

  private static List<Class<?>> publicTypes(Class<?> member) throws IOException {
    Map<String, Class<?>> types = new TreeMap<>();
    for (String name : classNames(member)) {
      if (!name.contains(".internal.") && !name.endsWith("-info")) {
        Class<?> type = load(name, member.getClassLoader());
        if (isVisible(type)) {
          types.put(type.getCanonicalName(), type);
        }
      }
    }
    return List.copyOf(types.values());
  }

  private static Class<?> load(String name, ClassLoader loader) {
    try {
      return Class.forName(name, false, loader);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whether a type and its enclosing types are public or protected. */
  private static boolean isVisible(Class<?> type) {
    boolean isNamed = type.getCanonicalName() != null;
    return isNamed
        && isPublicOrProtected(type.getModifiers())
        && (type.getEnclosingClass() == null || isVisible(type.getEnclosingClass()));
  }

  private static boolean isPublicOrProtected(int modifiers) {
    return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
  }

  private static List<String> classNames(Class<?> member) throws IOException {
    Path location = location(member);
    if (Files.isDirectory(location)) {
      return classNames(location);
    }
    try (FileSystem jar = FileSystems.newFileSystem(location)) {
      return classNames(jar.getPath("/"));
    }
  }

  private static List<String> classNames(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .map(file -> root.relativize(file).toString())
          .filter(file -> file.endsWith(".class"))
          .map(file -> file.substring(0, file.length() - ".class".length()).replace('/', '.'))
          .toList();
    }
  }

  private static Path location(Class<?> member) {
    try {
      return Path.of(member.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static String describe(Class<?> type) {
    Map<String, Integer> names = new TreeMap<>();
    Set<String> signatures = new TreeSet<>();
    signatures.add(header(type));
    for (Member member : members(type)) {
      names.merge(nameOf(member), 1, Integer::sum);
      signatures.add(signature(member));
    }
    String name = type.getCanonicalName().substring("io.crirouter.".length());
    return wrapped(String.format("%s %s %s", kind(type), name, fingerprint(signatures)), names);
  }

  private static String kind(Class<?> type) {
    if (type.isAnnotation()) {
      return "annotation";
    }
    return type.isInterface() ? "interface" : type.isEnum() ? "enum" : "class";
  }

  private static String wrapped(String first, Map<String, Integer> names) {
    StringBuilder lines = new StringBuilder();
    StringBuilder line = new StringBuilder(first);
    names.forEach(
        (name, count) -> {
          String word = count == 1 ? name : name + "*" + count;
          if (line.length() + 1 + word.length() > WIDTH) {
            lines.append(line).append('\n');
            line.setLength(0);
            line.append("   ");
          }
          line.append(' ').append(word);
        });
    return lines.append(line).append('\n').toString();
  }

  private static String header(Class<?> type) {
    Stream<String> interfaces =
        Stream.of(type.getGenericInterfaces()).map(Type::getTypeName).sorted();
    return Modifier.toString(type.getModifiers())
        + (type.isSealed() ? " sealed " : " ")
        + type.getTypeName()
        + " "
        + List.of(type.getTypeParameters())
        + " extends "
        + type.getGenericSuperclass()
        + " implements "
        + interfaces.collect(joining(","));
  }

  private static List<Member> members(Class<?> type) {
    List<Member> members = new ArrayList<>();
    members.addAll(List.of(type.getDeclaredFields()));
    members.addAll(List.of(type.getDeclaredConstructors()));
    members.addAll(methods(type));
    members.removeIf(
        member -> !isPublicOrProtected(member.getModifiers()) || isOfEveryType(type, member));
    return members;
  }

  /** The declared methods, and public ones inherited from types that are not public. */
  private static Set<Method> methods(Class<?> type) {
    Set<Method> methods =
        Stream.of(type.getMethods())
            .filter(method -> !isPublicOrProtected(method.getDeclaringClass().getModifiers()))
            .collect(toCollection(HashSet::new));
    methods.addAll(List.of(type.getDeclaredMethods()));
    return methods;
  }

  private static boolean isOfEveryType(Class<?> type, Member member) {
    return member.isSynthetic()
        || (member instanceof Method && OF_EVERY_OBJECT.contains(member.getName()))
        || (type.isEnum() && OF_EVERY_ENUM.contains(member.getName()));
  }

  private static String nameOf(Member member) {
    return member instanceof Constructor ? "new" : member.getName();
  }

  private static String signature(Member member) {
    if (member instanceof Field field) {
      return field.toGenericString();
    }
    return ((Executable) member).toGenericString();
  }

  private static String fingerprint(Set<String> signatures) {
    return Hashing.sha256()
        .hashString(String.join("\n", signatures), StandardCharsets.UTF_8)
        .toString()
        .substring(0, 4);
  }
}
